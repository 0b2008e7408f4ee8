// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('portal_keys', table => {
    table.comment('Keys that the portal made by itself');
    table.string('id', 64).primary('portal_keys_pk');
    table.string('purpose', 20).notNullable().comment('signing or encryption');
    table
      .text('secret')
      .notNullable()
      .comment('Encrypted, except for purpose encryption');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.index(['purpose', 'created_at'], 'portal_keys_purpose_idx');
  });

  await knex.schema.createTable('server_credentials', table => {
    table.comment(
      'How the portal signs in at servers, as administrators have set it',
    );
    table
      .string('server', 300)
      .primary('server_credentials_pk')
      .comment('Full entity ref in lower case');
    table
      .text('settings', 'longtext')
      .notNullable()
      .comment('Encrypted JSON, secrets included');
    table
      .string('revision', 36)
      .notNullable()
      .comment('UUID, another one with each change');
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table.string('updated_by', 36).notNullable().comment('UUID of the user');
  });

  await knex.schema.createTable('user_credentials', table => {
    table.comment('What users let the portal do at servers');
    table.string('user', 36).notNullable().comment('UUID');
    table.string('server', 300).notNullable().comment('Full entity ref');
    table.string('issuer', 500).notNullable().comment('Who gave the tokens');
    table.string('origin', 300).notNullable().comment('For which they are');
    table
      .text('tokens', 'longtext')
      .nullable()
      .comment('Encrypted JSON; null once the issuer takes them no more');
    table
      .string('version', 36)
      .notNullable()
      .comment('UUID, another one with each change of the tokens');
    table.text('scope').nullable().comment('Granted, separated by spaces');
    table
      .timestamp('issued_at', { useTz: true })
      .notNullable()
      .comment('When the access token was issued');
    table
      .timestamp('access_expires_at', { useTz: true })
      .nullable()
      .comment('Of the access token, when known');
    table
      .timestamp('ends_at', { useTz: true })
      .nullable()
      .comment('When the user has to connect again, when known');
    table.timestamp('connected_at', { useTz: true }).notNullable();
    table
      .timestamp('refreshing_until', { useTz: true })
      .nullable()
      .comment('While a replica refreshes it');
    table
      .timestamp('notified_at', { useTz: true })
      .nullable()
      .comment('When the user was told that it ends');
    table.primary(['user', 'server', 'issuer'], 'user_credentials_pk');
    table.index(['server'], 'user_credentials_server_idx');
    table.index(['ends_at'], 'user_credentials_end_idx');
  });

  await knex.schema.createTable('authorization_requests', table => {
    table.comment('Servers that users are asked to connect');
    table
      .string('id', 36)
      .primary('authorization_requests_pk')
      .comment('UUID, also the id of the elicitation');
    table.string('user', 36).notNullable().comment('UUID');
    table.string('server', 300).notNullable().comment('Full entity ref');
    table.text('scope').nullable().comment('Needed, separated by spaces');
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.unique(['user', 'server'], {
      indexName: 'authorization_requests_user_uq',
    });
    table.index(['expires_at'], 'authorization_requests_expiry_idx');
  });

  await knex.schema.createTable('authorization_flows', table => {
    table.comment('Users on their way through an authorization server');
    table
      .string('id', 64)
      .primary('authorization_flows_pk')
      .comment('SHA-256 of the state');
    table.string('user', 36).notNullable().comment('UUID');
    table.string('server', 300).notNullable().comment('Full entity ref');
    table
      .string('browser_hash', 64)
      .notNullable()
      .comment('SHA-256 of the cookie of the browser that started it');
    table
      .text('flow', 'longtext')
      .notNullable()
      .comment('Encrypted JSON: code verifier, client, issuer');
    table
      .text('answer', 'longtext')
      .nullable()
      .comment('Encrypted JSON: what the authorization server answered');
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.unique(['user', 'server'], {
      indexName: 'authorization_flows_user_uq',
    });
    table.index(['expires_at'], 'authorization_flows_expiry_idx');
  });

  await knex.schema.createTable('client_registrations', table => {
    table.comment('Clients that the portal registered (RFC 7591)');
    table.string('issuer', 500).primary('client_registrations_pk');
    table.text('client', 'longtext').notNullable().comment('Encrypted JSON');
    table.timestamp('expires_at', { useTz: true }).nullable();
  });

  await knex.schema.createTable('credential_notices', table => {
    table.comment('Of which shared secrets administrators were told');
    table
      .string('id', 64)
      .primary('credential_notices_pk')
      .comment('SHA-256 of the server and the time at which the secret ends');
    table.timestamp('sent_at', { useTz: true }).notNullable();
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'credential_notices',
    'client_registrations',
    'authorization_flows',
    'authorization_requests',
    'user_credentials',
    'server_credentials',
    'portal_keys',
  ]) {
    await knex.schema.dropTable(table);
  }
};
