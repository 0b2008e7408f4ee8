import { ReactNode, useEffect, useRef } from 'react';
import { CardBody, Flex, Text, VisuallyHidden } from '@backstage/ui';
import { ReadableCard } from '../ReadableCard';
import styles from './CentredPage.module.css';

/**
 * A page that does one thing: a card in the middle, with a heading and no navigation.
 *
 * @param props.heading - also names the page for screen readers
 * @param props.focusKey - the heading takes the focus whenever this changes, so that a keyboard
 *   or a screen reader goes on at the start of what is new
 * @param props.announcement - what is going on, for screen readers; say it when it changes
 */
export const CentredPage = (props: {
  heading: ReactNode;
  icon?: ReactNode;
  focusKey: string;
  announcement?: string;
  children?: ReactNode;
}) => {
  const { heading, icon, focusKey, announcement, children } = props;
  const headingRef = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    headingRef.current?.focus();
  }, [focusKey]);

  return (
    <main className={styles.page}>
      <ReadableCard className={styles.card}>
        <CardBody className={styles.body}>
          <Flex direction="column" gap="5">
            <Flex direction="column" align="center" gap="3">
              {icon}
              <Text
                as="h1"
                ref={headingRef}
                tabIndex={-1}
                variant="title-small"
                weight="bold"
                className={styles.heading}
              >
                {heading}
              </Text>
            </Flex>
            {children}
          </Flex>
        </CardBody>
      </ReadableCard>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
    </main>
  );
};
