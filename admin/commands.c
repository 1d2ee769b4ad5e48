/* commands.c - the table of what pos-admin can do */
#include <stddef.h>

#include "admin/command.h"

const struct command commands[] = {
	{ "init", "", "create the database (0600) and its signing keys", admin_init },
	{ "config", "", "show every setting, its value and what it means", admin_config },
	{ "doctor", "[--offline]", "check this deployment, each finding with its cure", admin_doctor },
	{ "backup", "FILE", "copy the database while it is in use, and check the copy", admin_backup },
	{ "user add", "--email E --name N [--role customer|staff|admin] [--phone P]"
	    " [--branch ID,…] [--password-file F]", "add a person; asks for the password",
	    admin_user_add },
	{ "user list", "[--search TEXT] [--role R] [--branch ID]",
	    "accounts, by the beginning of an e-mail or phone, or words of the name", admin_user_list },
	{ "user show", "ID|E-MAIL", "one account, and whether it is linked to a client of the till",
	    admin_user_show },
	{ "user role", "ID|E-MAIL customer|staff|admin [--branch ID,…]",
	    "what a person may, and for which branches", admin_user_role },
	{ "user block", "ID|E-MAIL", "log a person out everywhere, for good", admin_user_block },
	{ "user unblock", "ID|E-MAIL", "let a blocked person log in again", admin_user_unblock },
	{ "user password", "ID|E-MAIL [--password-file F]",
	    "give a person a new password; asks for it", admin_user_password },
	{ "branch list", "", "branches, and what is still missing about them", admin_branch_list },
	{ "branch set", "ID KEY=VALUE …", "tell what the till does not: latitude longitude phone"
	    " operating_hours delivery_radius_km supports_delivery supports_pickup timezone"
	    " eta_pickup_min eta_delivery_min", admin_branch_set },
	{ "branch import", "FILE.csv", "the same for many branches: a header line with the keys"
	    " above and pos_branch_id", admin_branch_import },
	{ "keys list", "", "the signing keys: which one signs, which only verify", admin_keys_list },
	{ "keys rotate", "", "sign with a new key from now on; nobody is logged out",
	    admin_keys_rotate },
	{ "keys drop-old", "[--days N]", "forget keys that have not signed for N days (31)",
	    admin_keys_drop_old },
	{ "outbox list", "[--all]", "orders that are on their way to the till, or stuck",
	    admin_outbox_list },
	{ "outbox show", "ID", "all about one of them", admin_outbox_show },
	{ "outbox retry", "ID", "try now; an uncertain order is looked for at the till first",
	    admin_outbox_retry },
	{ "outbox resolve", "ID --found NUMBER | --absent", "say whether an uncertain order is at"
	    " the till: then it is taken, or sent again", admin_outbox_resolve },
	{ "outbox resume", "", "go on after the till refused our token or did not answer",
	    admin_outbox_resume },
};

const size_t command_count = sizeof commands / sizeof *commands;
