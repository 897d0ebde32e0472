#include <stdlib.h>
#include <time.h>

#include "header.h"

const char *header_date(char *buf)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t t = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, HEADER_DATE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

void caps_json(struct json *j, const char *key, uint64_t caps)
{
	json_array(j, key);
	for (int i = 0; i < NCAPS; i++)
		if (caps & BIT(capinfo[i].number))
			json_string(j, NULL, capinfo[i].name);
	json_end(j, ']');
}

static void fact_json(struct json *j, enum fact f, int64_t v)
{
	if (factinfo[f].wide)
		json_unsigned(j, factinfo[f].name, (uint64_t)v);
	else
		json_number(j, factinfo[f].name, v);
}

void header_json(struct json *j, const char *record, const char *subject, const char *profile,
		 const struct environment *env, const struct facts *facts)
{
	char date[HEADER_DATE];

	json_object(j, NULL);
	json_string(j, "record", record);
	json_number(j, "format", 1);
	json_string(j, "sysvet", SYSVET_VERSION);
	json_string(j, "subject", subject);
	json_string(j, "profile", profile);
	json_string(j, "abi", env->abi);
	json_object(j, "system");
	json_string(j, "sysname", env->sysname);
	json_string(j, "release", env->release);
	json_string(j, "version", env->version);
	json_string(j, "machine", env->machine);
	json_end(j, '}');
	json_string(j, "target", env->target);
	json_string(j, "refused", env->refused);
	json_array(j, "unprotected");
	for (enum protection p = 0; p < NPROTECTIONS; p++)
		if (env->unprotected & BIT(p))
			json_string(j, NULL, unprotected_text[p]);
	json_end(j, ']');
	json_string(j, "libc", env->libc);
	json_string(j, "lsm", env->lsm);
	json_number(j, "cpus", env->cpus);
	json_bool(j, "root", env->root);
	caps_json(j, "caps", env->caps);
	json_object(j, "facts");
	for (enum fact f = 0; f < NFACTS; f++)
		fact_json(j, f, fact_of(facts, f));
	json_end(j, '}');
	json_object(j, "limits");
	for (int i = 0; i < NLIMITS; i++)
		json_number(j, limitinfo[i].name, facts->limits.v[i]);
	json_end(j, '}');
	json_string(j, "date", header_date(date));
}
