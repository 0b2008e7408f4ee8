import { InputError } from '@backstage/errors';
import { describePointer, isPointer, POINTER_ADVICE } from './describePointer';
import { OperationIndex } from './operationIndex';
import {
  DocumentObject,
  entriesOf,
  isObject,
  objectOf,
  parseDocument,
} from './parseDocument';
import { dereference, LocatedValue, pointerSegments } from './pointer';
import { renderResolved } from './renderResolved';
import { descriptionOf, labelsOf, lineOf } from './text';
import type { ApiDefinition } from './types';

/**
 * Reads an AsyncAPI document, version 2.x or 3.x, JSON or YAML.
 *
 * @throws InputError when the text cannot be parsed or is not AsyncAPI.
 */
export function readAsyncApi(text: string): ApiDefinition {
  const document = parseDocument(text);
  if (document.asyncapi === undefined) {
    throw new InputError(
      'The API definition is not AsyncAPI: it has no field "asyncapi". Check spec.type and spec.definition of the entity',
    );
  }
  const operations = new OperationIndex();
  if (isVersion3(document)) {
    addOperations3(operations, document);
  } else {
    addOperations2(operations, document);
  }
  const info = objectOf(document.info);
  return {
    format: 'asyncapi',
    title: lineOf(info.title),
    version: lineOf(info.version),
    description: descriptionOf(info.description),
    servers: labelsOf(serverAddresses(document)),
    operations: operations.summaries(),
    describeOperation: id =>
      isPointer(id) && !operations.has(id)
        ? describePointer(document, id)
        : operations.describe(id, POINTER_ADVICE),
  };
}

function isVersion3(document: DocumentObject): boolean {
  // Version 3 moved the operations out of the channels; a text such as "3.0.0", but YAML reads 3.0 as a number.
  return lineOf(document.asyncapi)?.startsWith('3') ?? false;
}

function serverAddresses(document: DocumentObject): unknown[] {
  const servers = new LocatedValue(document.servers, '#/servers');
  return entriesOf(servers.value).map(([name]) => {
    const server = objectOf(dereference(document, servers.child(name)).value);
    const { url, host, pathname, protocol } = server;
    if (typeof host !== 'string') {
      return url;
    }
    const scheme = typeof protocol === 'string' ? `${protocol}://` : '';
    return `${scheme}${host}${typeof pathname === 'string' ? pathname : ''}`;
  });
}

/** In 2.x each channel has up to two operations, named from the point of view of the client. */
function addOperations2(
  operations: OperationIndex,
  document: DocumentObject,
): void {
  const channels = new LocatedValue(document.channels, '#/channels');
  for (const [name] of entriesOf(channels.value)) {
    const channel = dereference(document, channels.child(name));
    for (const action of ['publish', 'subscribe']) {
      const operation = channel.child(action);
      if (isObject(operation.value)) {
        const { message, bindings, traits, security } = childrenOf(operation);
        addOperation(operations, document, {
          operation,
          action,
          address: name,
          aliases: [name],
          sections: {
            channelDescription: channel.child('description'),
            servers: channel.child('servers'),
            parameters: channel.child('parameters'),
            message,
            security,
            traits,
            bindings,
            channelBindings: channel.child('bindings'),
          },
        });
      }
    }
  }
}

/** In 3.x operations stand beside the channels and refer to them; a channel that none refers to is listed too, as "channel". */
function addOperations3(
  operations: OperationIndex,
  document: DocumentObject,
): void {
  const usedChannels = new Set<unknown>();
  const declared = new LocatedValue(document.operations, '#/operations');
  for (const [key] of entriesOf(declared.value)) {
    const operation = dereference(document, declared.child(key));
    if (isObject(operation.value)) {
      const channel = dereference(document, operation.child('channel'));
      usedChannels.add(channel.value);
      const { messages, reply, bindings, traits, security } =
        childrenOf(operation);
      addOperation(operations, document, {
        id: key,
        operation,
        action: lineOf(operation.value.action) ?? 'operation',
        address: addressOf(channel),
        aliases: [addressOf(channel), lastSegment(channel.pointer)],
        sections: {
          ...channelSections(channel),
          messages: messages.value ? messages : channel.child('messages'),
          reply,
          security,
          traits,
          bindings,
        },
      });
    }
  }
  const channels = new LocatedValue(document.channels, '#/channels');
  for (const [key] of entriesOf(channels.value)) {
    const channel = dereference(document, channels.child(key));
    if (isObject(channel.value) && !usedChannels.has(channel.value)) {
      addOperation(operations, document, {
        operation: channel,
        action: 'channel',
        address: addressOf(channel),
        aliases: [addressOf(channel), key],
        sections: {
          ...channelSections(channel),
          messages: channel.child('messages'),
        },
      });
    }
  }
}

interface LocatedOperation {
  /** The id by which the document has it, apart from an `operationId`. */
  id?: string;
  operation: LocatedValue;
  action: string;
  address: string;
  aliases: string[];
  sections: Record<string, LocatedValue>;
}

function addOperation(
  operations: OperationIndex,
  document: DocumentObject,
  located: LocatedOperation,
): void {
  const { action, address, aliases, sections } = located;
  const fields = objectOf(located.operation.value);
  const signature = `${action} ${address}`;
  const { tags } = fields;
  operations.add([located.id ?? lineOf(fields.operationId), signature], {
    summary: {
      signature,
      summary:
        lineOf(fields.summary) ??
        lineOf(fields.title) ??
        lineOf(fields.description),
      tags: Array.isArray(tags)
        ? labelsOf(tags.map(tag => objectOf(tag).name))
        : undefined,
      deprecated: fields.deprecated === true ? true : undefined,
    },
    aliases,
    describe: () => {
      const { value, truncated } = renderResolved(document, {
        action,
        channel: address,
        ...sections,
      });
      return {
        description: descriptionOf(fields.description),
        detail: value,
        truncated,
      };
    },
  });
}

function channelSections(channel: LocatedValue): Record<string, LocatedValue> {
  return {
    channelDescription: channel.child('description'),
    servers: channel.child('servers'),
    parameters: channel.child('parameters'),
    channelBindings: channel.child('bindings'),
  };
}

/** The address of a 3.x channel; its key where the address is unknown (`null`) or the channel is elsewhere. */
function addressOf(channel: LocatedValue): string {
  const { address, $ref: remote } = objectOf(channel.value);
  return lineOf(address) ?? lineOf(remote) ?? lastSegment(channel.pointer);
}

function lastSegment(pointer: string): string {
  return pointerSegments(pointer).at(-1) ?? pointer;
}

function childrenOf(operation: LocatedValue) {
  return {
    message: operation.child('message'),
    messages: operation.child('messages'),
    reply: operation.child('reply'),
    security: operation.child('security'),
    traits: operation.child('traits'),
    bindings: operation.child('bindings'),
  };
}
