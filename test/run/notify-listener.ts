import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Whether the program is here by which Node tells systemd anything. */
export const hasSystemdNotify: boolean =
  spawnSync('systemd-notify', ['--version'], { stdio: 'ignore' }).status === 0;

/** Takes datagrams as systemd does, descriptors with them, and prints each. */
const PROGRAM = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    data, fds, _, _ = socket.recv_fds(s, 4096, 1)
    for fd in fds: os.close(fd)
    with open(sys.argv[2], 'a') as out: out.write(data.decode() + '\\n')
`;

/** Listens at a socket as systemd would, and writes what it hears into a file, a line each. */
export function startNotifyListener(socket: string, heard: string): ChildProcess {
  return spawn('python3', ['-c', PROGRAM, socket, heard], { stdio: 'inherit' });
}
