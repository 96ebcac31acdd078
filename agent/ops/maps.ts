/** Height, width, channels of one activation map (channels innermost in memory). */
export type Shape = readonly [height: number, width: number, channels: number];
/** A pair along height and width: kernel, stride or pool. */
export type Pair = readonly [height: number, width: number];

/** How a map is stored: samples and streams, activations, signs, or class scores. */
export type MapType = 'int16' | 'int8' | 'bits' | 'scores';

/** A map between layers: its shape (height, width, channels), type and, for int8, zero point. */
export interface MapInfo {
  readonly shape: Shape;
  readonly type: MapType;
  readonly zeroPoint: number;
}

/** A map and its values, [height][width][channel]; signs as 0 and 1. */
export interface ActivationMap extends MapInfo {
  readonly data: Int32Array;
}

/** Bytes that hold the signs of `channels` values: 8 to a byte, lowest bit first. */
export function signBytes(channels: number): number {
  return Math.ceil(channels / 8);
}

/** 32-bit words of one row of a map of signs, in a board's memory. */
export function bitRowWords({ shape: [, width, channels] }: MapInfo): number {
  return Math.ceil((width * channels) / 32);
}

/** Bytes of a map in a board's memory. */
export function mapBytes(map: MapInfo): number {
  const [h, w, c] = map.shape;
  switch (map.type) {
    case 'int8':
      return h * w * c;
    case 'int16':
      return h * w * c * 2;
    case 'scores':
      return h * w * c * 4;
    case 'bits':
      return h * bitRowWords(map) * 4;
  }
}

/** Largest magnitude of a map's values once the zero point is subtracted. */
export function reachOf({ type, zeroPoint }: MapInfo): number {
  return type === 'int16' ? 32768 : Math.max(127 - zeroPoint, zeroPoint + 128);
}

/** The id by which layers read the window. */
export const WINDOW = 'input';
