/**
 * The viridis colour map: of even steps to the eye, in grey and to the colour-blind, too.
 *
 * @see S. van der Walt and N. Smith, 2015; released into the public domain (CC0)
 *
 * @module
 */

/** Red, green and blue, each in [0, 255]. */
export type Rgb = readonly [red: number, green: number, blue: number];

const anchors: readonly number[] = [
  0x440154,
  0x481a6c,
  0x472f7d,
  0x414487,
  0x39568c,
  0x31688e,
  0x2a788e,
  0x23888e,
  0x1f988b,
  0x22a884,
  0x35b779,
  0x54c568,
  0x7ad151,
  0xa5db36,
  0xd2e21b,
  0xfde725,
];

/** The colour of `part` in [0, 1], dark blue to yellow; between anchors interpolated. */
export function viridis(part: number): Rgb {
  const place = Math.min(Math.max(part, 0), 1) * (anchors.length - 1);
  const index = Math.min(Math.floor(place), anchors.length - 2);
  const mix = (shift: number) => {
    const low = (anchors[index]! >> shift) & 0xff;
    const high = (anchors[index + 1]! >> shift) & 0xff;
    return Math.round(low + (place - index) * (high - low));
  };
  return [mix(16), mix(8), mix(0)];
}
