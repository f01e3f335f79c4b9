/** Crockford's alphabet: no I, L, O or U, so that a reference survives being spoken, written and typed. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 37 is prime, so one wrong character and any two changed places are always found. */
const CHECKS = `${ALPHABET}*~$=U`;
const SHAPE = /^MTA-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z])$/;

/**
 * A new case reference, `MTA-7K2Q-9XWD-4`: 40 random bits and a check character; it says nothing of the child and cannot
 * be guessed from another. `randomBytes` gives that many bytes of a secure source. The caller draws again where the
 * ledger already knows it.
 */
export function newCaseRef(randomBytes: (size: number) => Uint8Array): string {
  for (;;) {
    const bits = randomBytes(5).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
    const body = Array.from(
      { length: 8 },
      (_, place) => ALPHABET[Number((bits >> BigInt(35 - 5 * place)) & 31n)],
    ).join('');
    const check = checkOf(body);
    // The five check characters beyond the alphabet are hard to say: one in seven draws is drawn again.
    if (ALPHABET.includes(check)) return `MTA-${body.slice(0, 4)}-${body.slice(4)}-${check}`;
  }
}

/** Whether a text is a case reference whose check character is right. Says nothing of whether the case exists. */
export function isCaseRef(text: string): boolean {
  const match = SHAPE.exec(text);
  return match !== null && checkOf(`${match[1]}${match[2]}`) === match[3];
}

function checkOf(body: string): string {
  const remainder = [...body].reduce((rest, character) => (rest * 32 + ALPHABET.indexOf(character)) % 37, 0);
  return CHECKS[remainder] as string;
}
