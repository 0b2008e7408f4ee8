import { Cell, Text } from '@backstage/ui';
import styles from './TextCell.module.css';

/** A cell of a table like `CellText`, which wraps its text instead of cutting it off. */
export const TextCell = (props: { title: string; description?: string }) => (
  <Cell>
    <div className={styles.lines}>
      <Text>{props.title}</Text>
      {props.description && (
        <Text variant="body-small" color="secondary">
          {props.description}
        </Text>
      )}
    </div>
  </Cell>
);
