import { useEffect, useState } from 'react';

const DELAY_MS = 500;

/**
 * Tells when approving is possible: half a second after the user could see the form. A page can
 * lure a user into clicking twice in one place, and open this one, or take away what hides it, in
 * between, so that the second click would land on the button. Nobody reads the form in less.
 */
export function useApprovalDelay(): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const start = () => {
      setIsOver(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIsOver(true), DELAY_MS);
    };
    start();
    window.addEventListener('focus', start);
    document.addEventListener('visibilitychange', start);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('focus', start);
      document.removeEventListener('visibilitychange', start);
    };
  }, []);
  return isOver;
}
