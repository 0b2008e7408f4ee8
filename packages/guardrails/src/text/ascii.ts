/** @returns true for 0 to 9 */
export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** @returns true for A to Z and a to z */
export function isLetter(unit: number): boolean {
  return (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
}
