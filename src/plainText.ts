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
/** Marks of direction and everything else that is not seen, and halves of characters; the empty Braille pattern as well. */
const UNSEEN = [
  `(?![${JOINERS}${SELECTORS}${BREAKING}])[\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Cs}\\u2800]`,
  `(?<![${JOINED}\\uFE0F])[${JOINERS}]`,
  `[${JOINERS}](?![${JOINED}])`,
  '(?<!\\p{Emoji})[\\uFE0E\\uFE0F]',
  '(?<!\\p{scx=Han})[\\uFE00-\\uFE0D\\u{E0100}-\\u{E01EF}]',
].join('|');

const hidden = new RegExp(`[${BREAKING}]|${UNSEEN}`, 'u');
const breaks = new RegExp(`[${BREAKING}\\s]+`, 'gu');
const unseen = new RegExp(UNSEEN, 'gu');

/** Whether a text fits the rule. */
export const isPlain = (text: string): boolean => !hidden.test(text);

/** A text that was chosen elsewhere, in one line and without what is not seen: for clients, which are not asked to try again. */
export function plain(text: string): string {
  const clean = text.replace(breaks, ' ').replace(unseen, '').trim();
  return isPlain(clean) ? clean : clean.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '').trim();
}

/** A text with every character that does not fit shown as U+FFFD, for places where it must keep its length. */
export const marked = (text: string): string => text.replace(new RegExp(hidden.source, 'gu'), '\uFFFD');

/** What a text must not have, in words. */
export const NOT_PLAIN = 'line breaks, control characters, invisible characters and marks that turn text around';
