// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('approvals', table => {
    table.comment('Calls and requests for access that wait for a person');
    table.string('id', 36).primary('approvals_pk').comment('UUID');
    table.string('kind', 16).notNullable().comment('call or access');
    table
      .string('state', 16)
      .notNullable()
      .comment('pending, approved, denied, expired, cancelled or used');
    table
      .string('open_key', 64)
      .nullable()
      .comment(
        'SHA-256 of what is asked, as long as asking again leads here; then null',
      );
    table.string('requester', 36).notNullable().comment('UUID');
    table.string('portal', 100).nullable().comment('Null means all of them');
    table.string('server', 100).notNullable().comment('Name of the server');
    table.string('target', 512).nullable().comment('Name of the tool');
    table.string('summary', 500).notNullable().comment('For people');
    table
      .text('arguments', 'longtext')
      .nullable()
      .comment('JSON of the arguments, redacted');
    table
      .string('argument_digest', 80)
      .notNullable()
      .comment('sha256: and hex, of the arguments as they are');
    table.text('access').nullable().comment('JSON of the access asked for');
    table
      .string('justification', 2000)
      .nullable()
      .comment('Why access is wanted');
    table.text('policies').notNullable().comment('JSON: ids of the policies');
    table.string('decided_by', 36).nullable().comment('UUID');
    table.timestamp('decided_at', { useTz: true }).nullable();
    table
      .string('reason', 2000)
      .nullable()
      .comment('What who decided said of it');
    table
      .timestamp('expires_at', { useTz: true })
      .notNullable()
      .comment('End of the time to decide, or to make an approved call');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.unique(['open_key'], { indexName: 'approvals_open_key_uniq' });
    table.index(['requester', 'created_at'], 'approvals_requester_idx');
    table.index(['created_at', 'id'], 'approvals_created_idx');
    table.index(['state', 'expires_at'], 'approvals_expiry_idx');
  });

  await knex.schema.createTable('approval_approvers', table => {
    table.comment('Who may decide, besides those with the permission');
    table
      .string('approval_id', 36)
      .notNullable()
      .references('id')
      .inTable('approvals')
      .onDelete('CASCADE');
    table
      .string('approver', 512)
      .notNullable()
      .comment('Entity ref that a policy or the catalog names, in lower case');
    table.primary(['approval_id', 'approver'], 'approval_approvers_pk');
    table.index(['approver'], 'approval_approvers_approver_idx');
  });

  await knex.schema.createTable('access_grants', table => {
    table.comment('Access to servers that somebody approved');
    table.string('id', 36).primary('access_grants_pk').comment('UUID');
    table.string('approval_id', 36).notNullable();
    table.string('principal', 36).notNullable().comment('UUID of who has it');
    table.string('server', 100).notNullable().comment('Name of the server');
    table.string('portal', 100).nullable().comment('Null means all of them');
    table.string('tool_classes', 100).notNullable().comment('JSON');
    table
      .text('tools')
      .nullable()
      .comment('JSON: names of tools; null means all of the classes');
    table.string('granted_by', 36).notNullable().comment('UUID');
    table.timestamp('until', { useTz: true }).notNullable();
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.unique(['approval_id'], { indexName: 'access_grants_approval_uniq' });
    table.index(['principal', 'until'], 'access_grants_principal_idx');
    table.index(['until'], 'access_grants_until_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('access_grants');
  await knex.schema.dropTable('approval_approvers');
  await knex.schema.dropTable('approvals');
};
