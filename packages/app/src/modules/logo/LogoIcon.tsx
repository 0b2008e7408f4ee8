/**
 * A stage between its curtains, with a prompt on it. The same drawing as public/favicon.svg.
 *
 * @param props - `size` is the width and height in pixels
 */
export const LogoIcon = ({ size = 32 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#2a1216" />
    <path
      d="M0 7a7 7 0 0 1 7-7h7C13 12 9 24 3.5 31.06A7 7 0 0 1 0 25Z"
      fill="#c2334d"
    />
    <path
      d="M32 7a7 7 0 0 0-7-7h-7c1 12 5 24 10.5 31.06A7 7 0 0 0 32 25Z"
      fill="#9b1c31"
    />
    <path
      d="m11.5 13 5 4-5 4M18 22h5"
      fill="none"
      stroke="#fff"
      strokeWidth="2.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);
