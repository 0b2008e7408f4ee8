import { useCallback, useEffect, useState } from 'react';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConsentDecision,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';
import { isGone } from '../../failures';
import { useIdToken } from '../../identityProvider';
import { leaveTo } from '../../navigation';
import type { Answer } from '../ConsentForm';

/** How far the user's answer to a client is. */
export type ConsentState =
  | { status: 'loading' }
  /** The request is over, unknown, or of another browser; the client's name if it was known. */
  | { status: 'gone'; clientName?: string }
  | { status: 'failed'; error: Error }
  | { status: 'asking'; request: ConsentRequest; error?: Error }
  | { status: 'sending'; request: ConsentRequest; answer: Answer }
  | { status: 'answered'; request: ConsentRequest; answer: Answer };

/**
 * Loads an authorization request, sends the user's answer, and sends the browser on.
 *
 * @param interactionId - as in the page's address
 */
export function useConsent(interactionId: string) {
  const agentAuthApi = useApi(agentAuthApiRef);
  const getIdToken = useIdToken();
  const [state, setState] = useState<ConsentState>({ status: 'loading' });

  const load = useCallback(async () => {
    setState({ status: 'loading' });
    try {
      const request = await agentAuthApi.getConsentRequest(interactionId);
      setState({ status: 'asking', request });
    } catch (error) {
      setState(
        isGone(error)
          ? { status: 'gone' }
          : { status: 'failed', error: toError(error) },
      );
    }
  }, [agentAuthApi, interactionId]);

  useEffect(() => {
    load();
  }, [load]);

  const send = async (
    request: ConsentRequest,
    answer: Answer,
    call: () => Promise<{ redirectUrl: string }>,
  ) => {
    setState({ status: 'sending', request, answer });
    try {
      const { redirectUrl } = await call();
      leaveTo(redirectUrl);
      setState({ status: 'answered', request, answer });
    } catch (error) {
      setState(
        isGone(error)
          ? { status: 'gone', clientName: request.client.name }
          : { status: 'asking', request, error: toError(error) },
      );
    }
  };

  const approve = (request: ConsentRequest, decision: ConsentDecision) =>
    send(request, 'approve', async () => {
      const idToken = await getIdToken(request.identityProvider);
      return agentAuthApi.approveConsent(interactionId, {
        ...decision,
        ...(idToken && { idToken }),
      });
    });

  const deny = (request: ConsentRequest) =>
    send(request, 'deny', () => agentAuthApi.denyConsent(interactionId));

  return { state, load, approve, deny };
}
