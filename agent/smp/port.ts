/** A byte stream to one board, open until it closes for good; a new one is opened after a loss. */
export interface Port {
  /** What a person would call it, for messages. */
  readonly name: string;
  /** Resolves once the operating system has taken the bytes; rejects when the port is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** The one receiver of bytes; called in order. */
  onData(receive: (bytes: Uint8Array) => void): void;
  /** Called once, when the port closed other than by `close`. */
  onLost(lost: (why: string) => void): void;
  close(): Promise<void>;
}

/** Opens the same board's port again at every call; throws UserError when it cannot. */
export type OpenPort = (signal: AbortSignal) => Promise<Port>;
