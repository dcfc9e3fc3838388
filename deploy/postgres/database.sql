-- One database, a schema per service; after roles.sql.
CREATE DATABASE drempel OWNER drempel_owner;
REVOKE ALL ON DATABASE drempel FROM PUBLIC;
GRANT CONNECT ON DATABASE drempel TO
    intake_api, intake_loop, matching_api, matching_loop, routing_api, routing_loop, outreach_api, outreach_loop, escalation_api, escalation_loop, monitoring_api, monitoring_loop;
