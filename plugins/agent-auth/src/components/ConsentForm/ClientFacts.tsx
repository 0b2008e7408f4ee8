import type { ReactNode } from 'react';
import { Text } from '@backstage/ui';
import type { ConsentRequest } from '@prompt-corner/plugin-agent-auth-common';
import { describeOrigin, describeUserAgent } from '../../format';
import styles from './ConsentForm.module.css';

const Fact = (props: { term: string; children: ReactNode }) => (
  <div>
    <dt className={styles.term}>{props.term}</dt>
    <dd className={styles.fact}>{props.children}</dd>
  </div>
);

/**
 * Says who asks, and to whom the answer goes.
 *
 * @param props.userCode - the code that was entered, for device sign-in
 */
export const ClientFacts = (props: {
  request: ConsentRequest;
  userCode?: string;
}) => {
  const { request, userCode } = props;
  const { client, redirect, device } = request;
  return (
    <dl className={styles.facts}>
      <Fact term="Client">
        <Text weight="bold">
          <bdi>{client.name}</bdi>
        </Text>
        <Text variant="body-small" color="secondary">
          {describeOrigin(client)}
          {client.uri && (
            <>
              ; says that its home page is <bdi>{client.uri}</bdi>
            </>
          )}
        </Text>
      </Fact>
      {redirect && (
        <Fact term="The answer goes to">
          <Text weight="bold" variant="body-large">
            {redirect.loopback
              ? 'A program on this computer'
              : redirect.host || redirect.uri}
          </Text>
          <Text variant="body-small" color="secondary">
            {redirect.uri}
          </Text>
        </Fact>
      )}
      {userCode && (
        <Fact term="Code">
          <Text className={styles.code}>{userCode}</Text>
        </Fact>
      )}
      {device && (
        <Fact term="Device that asks">
          <Text weight="bold">
            {device.userAgent
              ? describeUserAgent(device.userAgent)
              : 'Unknown program'}
          </Text>
          <Text variant="body-small" color="secondary">
            {device.address
              ? `At the address ${device.address}`
              : 'At an unknown address'}
            {device.userAgent && <>; calls itself “{device.userAgent}”</>}
          </Text>
        </Fact>
      )}
    </dl>
  );
};
