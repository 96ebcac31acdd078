import { expect, it } from 'vitest';
import { parseDevices } from './devices.ts';

it('reads the capture devices of `arecord -l`, by the lasting id of the card', () => {
  const listing = [
    '**** List of CAPTURE Hardware Devices ****',
    'card 1: Device [USB PnP Sound Device], device 0: USB Audio [USB Audio]',
    '  Subdevices: 1/1',
    '  Subdevice #0: subdevice #0',
    'card 2: sndrpigooglevoi [snd_rpi_googlevoicehat_soundcar], device 0: Google voiceHAT',
  ].join('\n');
  expect(parseDevices(listing)).toEqual([
    { device: 'plughw:CARD=Device,DEV=0', name: 'USB PnP Sound Device' },
    { device: 'plughw:CARD=sndrpigooglevoi,DEV=0', name: 'snd_rpi_googlevoicehat_soundcar' },
  ]);
  expect(parseDevices('arecord: device_list:274: no soundcards found...\n')).toEqual([]);
});
