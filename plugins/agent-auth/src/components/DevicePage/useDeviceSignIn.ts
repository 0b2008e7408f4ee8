import { useState } from 'react';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConsentDecision,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';
import { isGone } from '../../failures';
import { useIdToken } from '../../identityProvider';
import type { Answer } from '../ConsentForm';
import { explainLookup } from './explainLookup';

interface Asked {
  userCode: string;
  request: ConsentRequest;
}

/** How far the sign-in of a device is. */
export type DeviceState =
  /** With the reason for which the last code was not taken. */
  | { status: 'entering'; problem?: string }
  | { status: 'looking-up' }
  | ({ status: 'asking'; error?: Error } & Asked)
  | ({ status: 'sending'; answer: Answer } & Asked)
  /** The device gave up or was answered while the user was looking. */
  | ({ status: 'gone' } & Asked)
  | ({ status: 'answered'; answer: Answer } & Asked);

/** Looks up the code that a device shows, and sends the user's answer. */
export function useDeviceSignIn() {
  const agentAuthApi = useApi(agentAuthApiRef);
  const getIdToken = useIdToken();
  const [state, setState] = useState<DeviceState>({ status: 'entering' });

  const lookUp = async (userCode: string) => {
    setState({ status: 'looking-up' });
    try {
      const request = await agentAuthApi.getDeviceRequest(userCode);
      setState({ status: 'asking', userCode, request });
    } catch (error) {
      setState({ status: 'entering', problem: explainLookup(error) });
    }
  };

  const send = async (
    asked: Asked,
    answer: Answer,
    call: () => Promise<void>,
  ) => {
    const { userCode, request } = asked;
    setState({ status: 'sending', userCode, request, answer });
    try {
      await call();
      setState({ status: 'answered', userCode, request, answer });
    } catch (error) {
      setState(
        isGone(error)
          ? { status: 'gone', userCode, request }
          : { status: 'asking', userCode, request, error: toError(error) },
      );
    }
  };

  const approve = (asked: Asked, decision: ConsentDecision) =>
    send(asked, 'approve', async () => {
      const idToken = await getIdToken(asked.request.identityProvider);
      await agentAuthApi.approveDevice(asked.userCode, {
        ...decision,
        ...(idToken && { idToken }),
      });
    });

  const deny = (asked: Asked) =>
    send(asked, 'deny', () => agentAuthApi.denyDevice(asked.userCode));

  return { state, lookUp, approve, deny };
}
