import { Alert, Flex } from '@backstage/ui';
import type {
  ConsentRequest,
  ConsentWarning,
} from '@prompt-corner/plugin-agent-auth-common';

/** Says what to watch out for, in words that help to decide. */
export const ConsentWarnings = (props: {
  request: ConsentRequest;
  isDevice: boolean;
}) => {
  const { request, isDevice } = props;
  const warnings = new Set(request.warnings);
  if (isDevice) {
    // The one that must not be missing, whatever the backend says.
    warnings.add('device');
  }
  if (warnings.size === 0) {
    return null;
  }
  return (
    <Flex direction="column" gap="3">
      {[...warnings].map(warning => (
        <Alert
          key={warning}
          status="warning"
          icon
          {...wordsFor(warning, request)}
        />
      ))}
    </Flex>
  );
};

function wordsFor(warning: ConsentWarning, request: ConsentRequest) {
  const { name } = request.client;
  switch (warning) {
    case 'device':
      return {
        title:
          'Only continue if you started this yourself, and your device shows this code',
        description:
          'If somebody sent you the link or the code, deny: approving would let them act in your name.',
      };
    case 'loopback-redirect':
      return {
        title: 'The answer goes to a program on this computer',
        description: `Any program here could call itself “${name}”. Continue only if you have just asked it to sign in.`,
      };
    case 'unknown-client':
      return {
        title: 'No administrator has checked this client',
        description: `The name “${name}” is its own claim. Deny if you do not know where it comes from.`,
      };
    default:
      return { title: 'Look closely before you approve', description: warning };
  }
}
