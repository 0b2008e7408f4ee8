import type { ReactNode } from 'react';
import { Text } from '@backstage/ui';
import {
  RiCheckboxCircleLine,
  RiCloseCircleLine,
  RiErrorWarningLine,
} from '@remixicon/react';
import { CentredPage } from './CentredPage';
import styles from './CentredPage.module.css';

const KINDS = {
  approved: { Icon: RiCheckboxCircleLine, color: styles.success },
  denied: { Icon: RiCloseCircleLine, color: styles.neutral },
  problem: { Icon: RiErrorWarningLine, color: styles.danger },
};

/**
 * The last thing that a page says: how it ended, and what to do now.
 *
 * @param props.heading - how it ended, in a few words
 * @param props.children - what to do, as text
 */
export const Outcome = (props: {
  kind: keyof typeof KINDS;
  heading: ReactNode;
  children: ReactNode;
}) => {
  const { kind, heading, children } = props;
  const { Icon, color } = KINDS[kind];
  return (
    <CentredPage
      heading={heading}
      focusKey={kind}
      icon={<Icon aria-hidden className={`${styles.icon} ${color}`} />}
    >
      <Text as="p" color="secondary" className={styles.text}>
        {children}
      </Text>
    </CentredPage>
  );
};
