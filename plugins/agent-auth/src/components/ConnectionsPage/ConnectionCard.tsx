import { ReactNode, useId } from 'react';
import { Badge, Button, CardBody, CardFooter, Text } from '@backstage/ui';
import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import {
  describeDate,
  describeGrantType,
  describeOrigin,
  describeTimeAgo,
  describeUserAgent,
} from '../../format';
import { GrantSummary } from '../GrantSummary';
import { ReadableCard } from '../ReadableCard';
import styles from './ConnectionsPage.module.css';

const Fact = (props: { term: string; children: ReactNode }) => (
  <div className={styles.fact}>
    <dt>{props.term}</dt>
    <dd>{props.children}</dd>
  </div>
);

const Time = ({ at }: { at: string }) => (
  <time dateTime={at} title={describeDate(at)}>
    {describeTimeAgo(at)}
  </time>
);

/** One connection: what it is, what it may do, when and from where it was used. */
export const ConnectionCard = (props: {
  connection: Connection;
  onRevoke: () => void;
}) => {
  const { connection, onRevoke } = props;
  const { name, client, grantType, device, lastUsedAt, lastUsedFrom } =
    connection;
  const headingId = useId();
  const isToken = grantType === 'personal_token';

  return (
    <ReadableCard
      role="article"
      aria-labelledby={headingId}
      className={styles.card}
    >
      <CardBody>
        <div className={styles.title}>
          <Text as="h2" id={headingId} variant="body-large" weight="bold">
            <bdi>{name}</bdi>
          </Text>
          <Badge size="small">{describeGrantType(grantType)}</Badge>
        </div>
        <dl className={styles.facts}>
          {!isToken && (
            <Fact term="Client">
              <bdi>{client.name}</bdi>
              <Text variant="body-small" color="secondary">
                {describeOrigin(client)}
              </Text>
            </Fact>
          )}
          {device && (
            <Fact term="Device">
              <span title={device}>{describeUserAgent(device)}</span>
            </Fact>
          )}
          <Fact term="May">
            <GrantSummary connection={connection} />
          </Fact>
          <Fact term="Created">
            <Time at={connection.createdAt} />
          </Fact>
          <Fact term="Last used">
            {lastUsedAt ? (
              <>
                <Time at={lastUsedAt} />
                {lastUsedFrom && ` from ${lastUsedFrom}`}
              </>
            ) : (
              'Never'
            )}
          </Fact>
          <Fact term="Expires">
            <Time at={connection.expiresAt} />
          </Fact>
        </dl>
      </CardBody>
      <CardFooter>
        <Button
          size="small"
          variant="secondary"
          aria-label={`Revoke ${name}`}
          onPress={onRevoke}
        >
          Revoke
        </Button>
      </CardFooter>
    </ReadableCard>
  );
};
