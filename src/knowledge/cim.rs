//! The datasets of the Common Information Model: which events are in them, by their tags, and their fields. Written from Splunk's
//! public reference of the model.

/// A dataset as it is listed.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    pub model: &'static str,
    pub name: &'static str,
    /// What its events have, beside what those of the datasets above it have.
    pub search: &'static str,
    /// The dataset that it is a part of.
    pub parent: Option<&'static str>,
    /// Its own fields; the parts of a dataset have those of the whole too. `@dest` stands for the field and what the asset list
    /// says of it, `@user` the same for people.
    pub fields: &'static str,
}

const fn root(model: &'static str, name: &'static str, search: &'static str, fields: &'static str) -> Listed {
    Listed { model, name, search, parent: None, fields }
}

const fn part(model: &'static str, parent: &'static str, name: &'static str, search: &'static str, fields: &'static str) -> Listed {
    Listed { model, name, search, parent: Some(parent), fields }
}

/// The datasets; the first of a model is meant where none is named.
#[rustfmt::skip]
pub const DATASETS: &[Listed] = &[
    root("Alerts", "Alerts", "tag=alert", "app body description @dest id mitre_technique_id severity severity_id signature signature_id @src src_type subject tag type @user user_name vendor_account vendor_region"),
    root("Authentication", "Authentication", "tag=authentication", "action app authentication_method authentication_service @dest dest_nt_domain duration reason response_time signature signature_id @src src_nt_domain @src_user src_user_id src_user_role src_user_type tag @user user_agent user_id user_name user_role user_type vendor_account"),
    part("Authentication", "Authentication", "Failed_Authentication", "action=failure", ""),
    part("Authentication", "Authentication", "Successful_Authentication", "action=success", ""),
    part("Authentication", "Authentication", "Default_Authentication", "tag=default", ""),
    part("Authentication", "Authentication", "Insecure_Authentication", "tag=insecure", ""),
    part("Authentication", "Authentication", "Privileged_Authentication", "tag=privileged", ""),
    root("Certificates", "All_Certificates", "tag=certificate", "@dest dest_port duration response_time @src src_port tag transport"),
    part("Certificates", "All_Certificates", "SSL", "tag=ssl", "ssl_end_time ssl_engine ssl_hash ssl_is_valid ssl_issuer ssl_issuer_common_name ssl_issuer_email ssl_issuer_email_domain ssl_issuer_locality ssl_issuer_organization ssl_issuer_state ssl_issuer_street ssl_issuer_unit ssl_name ssl_policies ssl_publickey ssl_publickey_algorithm ssl_serial ssl_session_id ssl_signature_algorithm ssl_start_time ssl_subject ssl_subject_common_name ssl_subject_email ssl_subject_email_domain ssl_subject_locality ssl_subject_organization ssl_subject_state ssl_subject_street ssl_subject_unit ssl_validity_window ssl_version"),
    root("Change", "All_Changes", "tag=change", "action change_type command @dest dvc object object_attrs object_category object_id object_path result result_id @src status tag @user user_agent user_name user_type vendor_account vendor_product vendor_product_id vendor_region"),
    part("Change", "All_Changes", "Auditing_Changes", "tag=audit", ""),
    part("Change", "All_Changes", "Endpoint_Changes", "tag=endpoint", ""),
    part("Change", "All_Changes", "Network_Changes", "tag=network", "dest_ip_range dest_port_range direction protocol rule_action src_ip_range src_port_range"),
    part("Change", "All_Changes", "Account_Management", "tag=account", "dest_nt_domain src_nt_domain @src_user src_user_name src_user_type"),
    part("Change", "All_Changes", "Instance_Changes", "tag=instance", "image_id instance_type"),
    root("Email", "All_Email", "tag=email", "action delay @dest duration file_hash file_name file_size internal_message_id message_id message_info orig_dest orig_recipient orig_src process process_id protocol recipient recipient_count recipient_domain recipient_status response_time retries return_addr signature signature_extra signature_id size @src @src_user src_user_domain status_code subject tag url @user vendor_product xdelay xref"),
    root("Endpoint", "Processes", "tag=process tag=report", "action cpu_load_percent @dest dest_is_expected dest_requires_av dest_should_timesync dest_should_update mem_used original_file_name os parent_process parent_process_exec parent_process_guid parent_process_id parent_process_name parent_process_path process process_current_directory process_exec process_guid process_hash process_id process_integrity_level process_name process_path tag @user user_id vendor_product"),
    root("Endpoint", "Ports", "tag=listening tag=port", "creation_time @dest dest_port dest_requires_av dest_should_timesync dest_should_update process_guid process_id @src src_port src_requires_av src_should_timesync src_should_update state tag transport transport_dest_port @user vendor_product"),
    root("Endpoint", "Services", "tag=service tag=report", "description @dest dest_is_expected dest_requires_av dest_should_timesync dest_should_update process_guid process_id service service_dll service_dll_hash service_dll_path service_dll_signature_exists service_dll_signature_verified service_exec service_hash service_id service_name service_path service_signature_exists service_signature_verified start_mode status tag @user vendor_product"),
    root("Endpoint", "Filesystem", "tag=endpoint tag=filesystem", "action @dest dest_requires_av dest_should_timesync dest_should_update file_access_time file_acl file_create_time file_hash file_modify_time file_name file_path file_size process_guid process_id tag @user vendor_product"),
    root("Endpoint", "Registry", "tag=endpoint tag=registry", "action @dest dest_requires_av dest_should_timesync dest_should_update process_guid process_id registry_hive registry_key_name registry_path registry_value_data registry_value_name registry_value_text registry_value_type status tag @user vendor_product"),
    root("Intrusion_Detection", "IDS_Attacks", "tag=ids tag=attack", "action category @dest dest_port @dvc file_hash file_name file_path ids_type severity severity_id signature signature_id @src src_port tag transport @user vendor_product"),
    root("Malware", "Malware_Attacks", "tag=malware tag=attack", "action category date @dest dest_nt_domain dest_requires_av file_hash file_name file_path severity severity_id signature signature_id @src @src_user sender tag url @user vendor_product"),
    root("Network_Resolution", "DNS", "tag=network tag=resolution tag=dns", "additional_answer_count answer answer_count authority_answer_count @dest dest_port duration message_type name query query_count query_type record_type reply_code reply_code_id response_time @src src_port tag transaction_id transport ttl vendor_product"),
    root("Network_Sessions", "All_Sessions", "tag=network tag=session", "action dest_bunit dest_category dest_dns dest_ip dest_mac dest_nt_host dest_priority duration response_time signature signature_id src_bunit src_category src_dns src_ip src_mac src_nt_host src_priority tag @user vendor_product"),
    root("Network_Traffic", "All_Traffic", "tag=network tag=communicate", "action app bytes bytes_in bytes_out channel @dest dest_interface dest_ip dest_mac dest_port dest_translated_ip dest_translated_port dest_zone direction duration @dvc dvc_ip dvc_mac dvc_zone flow_id icmp_code icmp_type packets packets_in packets_out process_id protocol protocol_version response_time rule session_id @src src_interface src_ip src_mac src_port src_translated_ip src_translated_port src_zone ssid tag tcp_flag transport tos ttl @user vendor_account vendor_product vlan wifi"),
    root("Risk", "All_Risk", "index=risk", "annotations calculated_risk_score control creator description governance risk_factor_add risk_factor_add_matched risk_factor_mult risk_factor_mult_matched risk_message @risk_object risk_object_type risk_score savedsearch_description tag threat_object threat_object_type"),
    root("Updates", "Updates", "tag=update tag=status", "@dest dest_should_update dvc file_hash file_name severity signature signature_id status tag vendor_product"),
    root("Vulnerabilities", "Vulnerabilities", "tag=report tag=vulnerability", "bugtraq category cert cve cvss @dest @dvc msft mskb severity severity_id signature signature_id tag url @user vendor_product xref"),
    root("Web", "Web", "tag=web", "action app bytes bytes_in bytes_out cached category cookie @dest dest_port duration http_content_type http_method http_referrer http_referrer_domain http_user_agent http_user_agent_length operation response_time site @src status storage_name tag uri_path uri_query url url_domain url_length @user vendor_product @src"),
    part("Web", "Web", "Proxy", "tag=proxy", ""),
];

/// Fields that a dataset gives as `unknown` where the event has none. Only those that say where and by whom.
pub const DEFAULTED: [&str; 4] = ["action", "dest", "src", "user"];

/// A dataset by the model's name and its own; the model's first where that is not given.
pub fn find(model: &str, dataset: Option<&str>) -> Option<&'static Listed> {
    DATASETS.iter().find(|d| d.model == model && dataset.is_none_or(|n| d.name == n))
}

impl Listed {
    /// The names of its own fields, each once.
    pub fn own_fields(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for word in self.fields.split_ascii_whitespace() {
            match word.strip_prefix('@') {
                Some(name) => all.extend(["", "_bunit", "_category", "_priority"].map(|end| format!("{name}{end}"))),
                None => all.push(word.to_string()),
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_a_whole_and_fields_are_written_out() {
        for d in DATASETS {
            assert!(d.parent.is_none_or(|p| find(d.model, Some(p)).is_some_and(|p| p.parent.is_none())), "{}", d.name);
        }
        let ports = find("Endpoint", Some("Ports")).unwrap().own_fields();
        assert!(ports.contains(&"dest_bunit".to_string()) && ports.contains(&"state".to_string()));
    }
}
