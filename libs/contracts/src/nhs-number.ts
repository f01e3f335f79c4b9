/**
 * Whether ten digits are an NHS number: the last is the modulus 11 check digit of the nine before it. Ten equal
 * digits satisfy the sum and are never issued.
 */
export function isNhsNumber(text: string): boolean {
  if (!/^[0-9]{10}$/.test(text) || /^([0-9])\1{9}$/.test(text)) return false;
  let sum = 0;
  for (let place = 0; place < 9; place++) sum += (text.charCodeAt(place) - 48) * (10 - place);
  // A remainder of 1 would need the digit 10: such a number is never issued, and no digit equals it.
  const check = (11 - (sum % 11)) % 11;
  return check === text.charCodeAt(9) - 48;
}
