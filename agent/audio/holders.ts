import { readdir, readFile, readlink } from 'node:fs/promises';

/** Who has a capture device open: `name (pid)`. Other users' processes are seen by root only. */
export async function holdersOfCapture(): Promise<readonly string[]> {
  const holders: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(
      files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    if (!links.some((link) => /^\/dev\/snd\/pcm.*c$/.test(link))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
    holders.push(`${name.trim()} (${pid})`);
  }
  return holders;
}
