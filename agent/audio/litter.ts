/** Names of what systems leave in folders, in lower case, and the system. */
const LEFT_BY: ReadonlyMap<string, string> = new Map([
  ['__macosx', 'macOS'],
  ['icon\r', 'macOS'],
  ['thumbs.db', 'Windows'],
  ['ehthumbs.db', 'Windows'],
  ['desktop.ini', 'Windows'],
  ['$recycle.bin', 'Windows'],
  ['system volume information', 'Windows'],
  ['lost+found', 'the file system'],
  ['@eadir', 'a Synology'],
  ['__pycache__', 'Python'],
]);

/** Why a file or folder is nobody's recording though it may look like one; undefined where it may be one. */
export function litter(name: string): string | undefined {
  const system = LEFT_BY.get(name.toLowerCase());
  if (system !== undefined) return `left there by ${system}`;
  if (name.startsWith('._')) return 'left there by macOS';
  return name.startsWith('.') ? 'hidden' : undefined;
}
