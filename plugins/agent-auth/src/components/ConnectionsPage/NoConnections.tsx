import { CardBody, Flex, Link, Text } from '@backstage/ui';
import { discoveryApiRef, useApi } from '@backstage/frontend-plugin-api';
import { resourceTypes } from '@prompt-corner/plugin-agent-auth-common';
import { RiPlug2Line } from '@remixicon/react';
import useAsync from 'react-use/esm/useAsync';
import { ReadableCard } from '../ReadableCard';
import styles from './ConnectionsPage.module.css';

const CATALOG = resourceTypes.find(({ kind }) => kind === 'catalog')!;

/** Says how to make the first connection. */
export const NoConnections = (props: { docsUrl: string }) => {
  const discoveryApi = useApi(discoveryApiRef);
  const { value: baseUrl } = useAsync(
    () => discoveryApi.getBaseUrl(CATALOG.pluginId),
    [discoveryApi],
  );

  return (
    <ReadableCard className={styles.empty}>
      <CardBody>
        <Flex direction="column" gap="3">
          <RiPlug2Line aria-hidden size={32} />
          <Text as="h2" variant="title-x-small" weight="bold">
            Nothing acts in your name
          </Text>
          <Text as="p">
            Point a coding agent at an address of this portal, for example the
            software catalog. It opens the browser, and you choose here what it
            may do:
          </Text>
          {baseUrl && (
            <pre className={styles.command}>
              claude mcp add --transport http catalog {baseUrl}
              {CATALOG.path}
            </pre>
          )}
          <Text as="p">
            Other clients are in the{' '}
            <Link href={props.docsUrl} target="_blank" rel="noopener">
              documentation
            </Link>
            . For scripts there are{' '}
            <Link href="/agent-auth/tokens">personal tokens</Link>.
          </Text>
        </Flex>
      </CardBody>
    </ReadableCard>
  );
};
