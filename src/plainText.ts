/**
 * The one rule for text that people type and other systems give: names, ids of apps and keysets, what a client calls
 * itself. Nothing in it may break a line, turn text around or be there without being seen, since such text stands in
 * mails, logs, terminals and beside our own words. Joiners stay where a script or an emoji needs them (Persian, Indic
 * scripts, families and flags), and so do variation selectors of emoji and of Chinese characters. It is asked when text
 * comes in and never when a record is read, so that what was stored before goes on working.
 */

/** Letters that joiners shape, and emoji that they join. */
const JOINED = [
  ...['Arab', 'Syrc', 'Mand', 'Mong', 'Nkoo', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym'],
  ...['Sinh', 'Khmr', 'Mymr', 'Tibt', 'Java', 'Bali'],
]
  .map((script) => `\\p{scx=${script}}`)
  .concat('\\p{Extended_Pictographic}', '\\p{Emoji_Modifier}')
  .join('');
const JOINERS = '\\u200C\\u200D';
const SELECTORS = '\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}';

/** Control characters, line and paragraph separators. */
const BREAKING = '\\p{Cc}\\p{Zl}\\p{Zp}';
/** Characters that are blank by design: a Braille pattern, a musical note, Egyptian and Khitan ones; and the place of an object. */
const BLANK = '\\u2800\\u{1D159}\\u{13441}\\u{13442}\\u{16FE4}\\uFFFC';
/** Accents and the like, which stand above or below a letter. No word has more than four at one letter; many cover other lines. */
const STACKED = '[\\p{Mn}\\p{Me}]';
/** Marks of direction and everything else that is not seen, halves of characters, those without a meaning, and too many accents. */
const UNSEEN = [
  `(?![${JOINERS}${SELECTORS}${BREAKING}])[\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Cs}\\p{Co}\\p{Cn}${BLANK}]`,
  `(?<=${STACKED}{4})${STACKED}`,
  `(?<![${JOINED}\\uFE0F])[${JOINERS}]`,
  `[${JOINERS}](?![${JOINED}])`,
  '(?<!\\p{Emoji})[\\uFE0E\\uFE0F]',
  '(?<!\\p{scx=Han})[\\uFE00-\\uFE0D\\u{E0100}-\\u{E01EF}]',
].join('|');

const hidden = new RegExp(`[${BREAKING}]|${UNSEEN}`, 'u');
const breaks = new RegExp(`[${BREAKING}\\s]+`, 'gu');
const unseen = new RegExp(UNSEEN, 'gu');

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a text fits the rule: it is empty, or something in it is seen and nothing is not. */
export const isPlain = (text: string): boolean => text === '' || (visible.test(text) && !hidden.test(text));

/** A text that was chosen elsewhere, in one line and without what is not seen: for clients, which are not asked to try again. */
export function plain(text: string): string {
  const clean = text.replace(breaks, ' ').replace(unseen, '').trim();
  if (isPlain(clean)) return clean;
  // What was taken out may have parted joiners, or accents.
  const simple = clean.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}]/gu, '').trim();
  return isPlain(simple) ? simple : '';
}

/** A text with every character that does not fit shown as U+FFFD, for places where it must keep its length. */
export const marked = (text: string): string => text.replace(new RegExp(hidden.source, 'gu'), '\uFFFD');

/** What a text must not have, in words. */
export const NOT_PLAIN =
  'line breaks, control characters, characters that are invisible or have no meaning, more than four accents at one letter and marks that turn text around';
