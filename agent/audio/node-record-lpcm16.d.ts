declare module 'node-record-lpcm16' {
  import type { ChildProcess } from 'node:child_process';

  interface RecordOptions {
    readonly recorder: string;
    readonly sampleRate: number;
    readonly channels: number;
    readonly audioType: string;
    readonly device?: string;
  }

  const recorders: {
    readonly record: (options: RecordOptions) => { readonly process: ChildProcess };
  };
  export default recorders;
}
