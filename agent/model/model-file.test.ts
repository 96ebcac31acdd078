import { describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { acdnet } from '../nets/acdnet.ts';
import { melCnn } from '../nets/mel.ts';
import { randomModel } from '../nets/random-model.ts';
import { tensor } from '../ops/tensors.ts';
import { buildModel, formatModel, parseModel } from './model.ts';
import { formatSafetensors, parseSafetensors } from './safetensors.ts';

const net = acdnet({
  name: 'small',
  channels: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  classes: 3,
  form: 'real',
  samples: 6425,
});
const model = randomModel(net, 1, 'small');
const bytes = formatModel(model);

/** The one line that a user sees for a file's bytes. */
function complaint(file: Uint8Array): string {
  try {
    parseModel(file, 'a.safetensors');
  } catch (error) {
    if (error instanceof UserError) return error.line;
    throw error;
  }
  return 'accepted';
}

/** The model's file with its metadata changed as text. */
function withMetadata(change: (json: string) => string): Uint8Array {
  const { metadata, tensors } = parseSafetensors(bytes, 'a');
  return formatSafetensors({ metadata: { otolith: change(metadata.otolith ?? '') }, tensors });
}

function withTensor(name: string, data: Int8Array | Int32Array, shape: readonly number[]) {
  const { metadata, tensors } = parseSafetensors(bytes, 'a');
  return formatSafetensors({
    metadata,
    tensors: new Map([...tensors, [name, tensor(data, shape)]]),
  });
}

describe('a model file', () => {
  it('is read as it was written, and written the same every time', () => {
    const parsed = parseModel(bytes, 'a');
    expect(parsed.metadata).toEqual(model.metadata);
    expect(formatModel(parsed)).toEqual(bytes);
    expect(parsed.hash).toBe(model.hash);
  });

  it('cut anywhere is refused, never read in part', () => {
    for (let length = 0; length < bytes.length; length += 1 + (length >> 5)) {
      expect(complaint(bytes.subarray(0, length))).toMatch(
        /^a\.safetensors: (ends within|is \d+ bytes|has)/,
      );
    }
    expect(complaint(bytes.subarray(0, bytes.length - 1))).toMatch(
      /ends within tensor "dense.bias"/,
    );
  });

  it('with bytes after its end is refused', () => {
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(complaint(longer)).toMatch(/has 1 bytes after its last tensor/);
  });

  it('that promises an endless header is refused without reading on', () => {
    const huge = bytes.slice();
    new DataView(huge.buffer).setBigUint64(0, 1n << 62n, true);
    expect(complaint(huge)).toMatch(/header is \d+ bytes; at most 1048576 are read/);
  });

  it.each([
    ['a PNG', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...new Uint8Array(99)])],
    ['text', new TextEncoder().encode('{"a": 1, "b": "this is JSON but no model"}')],
    ['zeros', new Uint8Array(4096)],
  ])('that is %s is refused as no model', (_what, foreign) => {
    expect(complaint(foreign)).toMatch(/; the file is damaged or not a safetensors file/);
  });

  it('of another program is refused as no otolith model', () => {
    const other = formatSafetensors({
      metadata: { format: 'pt' },
      tensors: new Map([['w', tensor(new Float32Array(4), [4])]]),
    });
    expect(complaint(other)).toMatch(/is a safetensors file but not an otolith model/);
  });

  it.each([
    ['a scale that is not a number', /"scale":[^,}]+/, '"scale":NaN', /metadata/],
    ['a scale that is null', /"scale":[^,}]+/, '"scale":null', /layers\.0\.output\.scale/],
    ['an unknown operator', /"kind":"average"/, '"kind":"softmax"', /layers\.\d+\.kind: .*average/],
    ['an unknown version', /"version":1/, '"version":2', /version/],
    [
      'a layer that reads nothing',
      /"from":"conv3"/,
      '"from":"conv99"',
      /layer "conv4" reads "conv99"/,
    ],
    [
      'more labels than scores',
      /"labels":\[/,
      '"labels":["x",',
      /scores 3 classes but there are 4 labels/,
    ],
    ['a window too short', /6425/, '"none"', /input\.1/],
    ['a zero point outside int8', /"zeroPoint":-?\d+/, '"zeroPoint":300', /zeroPoint/],
  ])('with %s names it', (_what, from, to, message) => {
    const line = complaint(withMetadata((json) => json.replace(from, to)));
    expect(line).toMatch(message);
    expect(line.split('\n')).toHaveLength(1);
  });

  it('whose tensors do not fit its layers is refused', () => {
    expect(complaint(withTensor('dense.bias', new Int32Array(2), [2]))).toMatch(
      /tensor "dense.bias" is I32 2, not I32 3/,
    );
    expect(complaint(withTensor('more', new Int8Array(1), [1]))).toMatch(/stray tensor "more"/);
    const { tensors } = parseSafetensors(bytes, 'a');
    const fewer = new Map([...tensors].filter(([name]) => name !== 'dense.bias'));
    expect(() => buildModel(model.metadata, fewer)).toThrow(/lacks the tensor "dense.bias"/);
  });

  it('whose numbers could overflow an accumulator is refused', () => {
    const bias = Int32Array.from([0x7fffffff, 0, 0]);
    expect(complaint(withTensor('dense.bias', bias, [3]))).toMatch(
      /layer "dense" can overflow the accumulator of channel 0/,
    );
  });

  it.each([
    ['window', (v: Int16Array) => v.fill(12_000), /"mel" has a window that can overflow/],
    ['window', (v: Int16Array) => v.fill(16_385, 7, 8), /"mel" has a window that can overflow/],
    ['twiddle', (v: Int16Array) => v.fill(3000, 1, 2), /"mel" has a twiddle factor beyond 1/],
    ['twiddle', (v: Int16Array) => v.fill(-1, 0, 1), /"mel" has a twiddle factor beyond 1/],
    ['weight', (v: Int16Array) => v.fill(-1, 3, 4), /"mel" has a negative share/],
    ['edge', (v: Int16Array) => v.reverse(), /"mel" has bands that are not in order/],
    ['edge', (v: Int16Array) => v.fill(99, -1), /"mel" has bands that are not in order/],
  ])("whose spectrogram's %s could leave its integers is refused", (name, change, message) => {
    const sizes = { classes: 3, channels: [2], samples: 640, frame: 64, hop: 64, bands: 8 };
    const { metadata, tensors } = randomModel(melCnn({ name: 'mel', ...sizes }), 1, 'mel');
    const { data, shape } = tensors.get(`mel.${name}`) ?? tensor(new Int16Array(0), [0]);
    const changed = tensor(change(Int16Array.from(data)), shape);
    expect(() => buildModel(metadata, new Map([...tensors, [`mel.${name}`, changed]]))).toThrow(
      message,
    );
  });
});
