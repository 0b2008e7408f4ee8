import { Card, CardProps } from '@backstage/ui';
import styles from './ReadableCard.module.css';

/** A card on which secondary text keeps enough contrast to be read, in the dark theme too. */
export const ReadableCard = (props: CardProps) => (
  <Card
    {...props}
    className={[styles.card, props.className].filter(Boolean).join(' ')}
  />
);
