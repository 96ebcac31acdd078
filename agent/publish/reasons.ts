import { ReasonCodes } from 'mqtt';

/** What became of a publication or subscription. Where none of these can be said, the promise rejects with the link. */
export type Outcome =
  | { readonly kind: 'acknowledged' }
  /** The broker will never take it. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail?: string }
  /** The broker does not take it now; `persistent`: it may go on without end, as a quota does. */
  | { readonly kind: 'deferred'; readonly reason: string; readonly persistent: boolean };

export const SESSION_TAKEN_OVER = 0x8e;
export const PACKET_TOO_LARGE = 0x95;
const QUOTA_EXCEEDED = 0x97;

/**
 * Reason codes of an acknowledgement that mean "not now" (MQTT 5, 3.4.2.1): unspecified, implementation specific,
 * packet identifier in use, quota exceeded. The packet counts as acknowledged (4.4); its message may be published again.
 */
const NOT_NOW: ReadonlySet<number> = new Set([0x80, 0x83, 0x91, QUOTA_EXCEEDED]);

/** The name that the standard gives a reason code, in lower case. */
export function nameOf(code: number): string {
  const names: Readonly<Record<number, string>> = ReasonCodes;
  return names[code]?.toLowerCase() || `reason 0x${code.toString(16)}`;
}

export function codeOf(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' || typeof error.code === 'string' ? error.code : undefined;
}

/** Reads the error of an acknowledgement; undefined when there is none that came from the broker. */
export function outcomeOf(error: unknown): Outcome | undefined {
  if (error === null || error === undefined) return { kind: 'acknowledged' };
  const code = codeOf(error);
  if (typeof code !== 'number') return undefined;
  if (code < 0x80) return { kind: 'acknowledged' };
  const reason = nameOf(code);
  if (!NOT_NOW.has(code)) return { kind: 'refused', reason };
  return { kind: 'deferred', reason, persistent: code === QUOTA_EXCEEDED };
}

/** How mqtt.js says that a SUBACK refused a topic: the code is on the packet that the error carries. */
export function refusedBySuback(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('packet' in error)) return undefined;
  const { packet } = error;
  if (typeof packet !== 'object' || packet === null || !('granted' in packet)) return undefined;
  const granted: unknown = packet.granted;
  return Array.isArray(granted) ? granted.find((code) => Number(code) >= 0x80) : undefined;
}
