// Forms as network devices print them: labels and values, sentences, lists of lines; one record from all of a page.
import type { ShreddedItem } from '@tickerplant/shredder';
import t from 'tap';
import { checkOutput, type Output, type OutputRecord, shownField, skip, testShredder } from './cli/outputs.ts';

/** Where a key of the record is from: an item (`port`), or a field of one that isn't its `value` (`port:state`). */
type Sources = Readonly<Record<string, string>>;
type More = (items: readonly ShreddedItem[]) => OutputRecord;

const nothing: More = () => ({});

/** One record of fields of several items; what isn't on the page is an empty text. */
function gather(sources: Sources, more: More = nothing): Output['records'] {
  return (items) => [
    {
      ...Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, sourceOf(items, source)])),
      ...more(items),
    },
  ];
}

function sourceOf(items: readonly ShreddedItem[], source: string): string {
  const [name, field = 'value'] = source.split(':');
  const item = items.find(({ subject }) => nameOf(subject) === name);
  return item === undefined ? '' : shownField(item.fields, field);
}

/** An item's name within its page. */
function nameOf(subject: string): string {
  return subject.slice(subject.indexOf('.') + 1);
}

/** A field of all items that have it, in order. */
function listOf(items: readonly ShreddedItem[], field: string): readonly string[] {
  return items.filter(({ fields }) => field in fields).map(({ fields }) => shownField(fields, field));
}

/** The packages that have keys of their own; the others are listed by name. */
const PACKAGES: Sources = {
  'JUNOS AppId Services': 'appid_services',
  'JUNOS Base OS boot': 'base_os_boot',
  'JUNOS Base OS Software Suite': 'base_os_software_suite',
  'JUNOS Border Gateway Function package': 'border_gateway_function_package',
  'JUNOS Crypto Software Suite': 'crypto_software_suite',
  'JUNOS FIPS mode utilities': 'fips_mode_utilities',
  'JUNOS IDP Services': 'idp_services',
  'JUNOS Kernel Software Suite': 'kernel_software_suite',
  labpkg: 'lab_package',
  'JUNOS Online Documentation': 'online_documentation',
  'JUNOS Packet Forwarding Engine Support (M/T/EX Common)': 'packet_forwarding_engine_support_m_t_ex_common',
  'JUNOS Packet Forwarding Engine Support (MX Common)': 'packet_forwarding_engine_support_mx_common',
  'JUNOS platform Software Suite': 'platform_software_suite',
  'JUNOS py-base-i386': 'py_base_i386',
  Redis: 'redis_version',
  'JUNOS Routing Software Suite': 'routing_software_suite',
  'JUNOS Runtime Software Suite': 'runtime_software_suite',
  'JUNOS Services AACL Container package': 'services_aacl_container_package',
  'JUNOS Services Application Level Gateways': 'services_application_level_gateways',
  'JUNOS Services Captive Portal and Content Delivery Container package':
    'services_captive_portal_content_delivery_package',
  'JUNOS Services Crypto': 'services_crypto',
  'JUNOS Services HTTP Content Management package': 'services_http_content_management_package',
  'JUNOS Services IPSec': 'services_ipsec',
  'JUNOS Services Jflow Container package': 'services_jflow_container_package',
  'JUNOS Services LL-PDF Container package': 'services_ll_pdf_container_package',
  'JUNOS Services Mobile Subscriber Service Container package': 'services_mobile_subscriber_service_package',
  'JUNOS Services MobileNext Software package': 'services_mobilenext_software_package',
  'JUNOS Services NAT': 'services_nat',
  'JUNOS Services PTSP Container package': 'services_ptsp_container_package',
  'JUNOS Services RPM': 'services_rpm',
  'JUNOS Services SSL': 'services_ssl',
  'JUNOS Services Stateful Firewall': 'services_stateful_firewall',
  'JUNOS Voice Services Container package': 'voice_services_container_package',
};

const packages: More = (items) => {
  const found = items.filter(({ fields }) => 'version' in fields);
  const known = Object.entries(PACKAGES).map(([name, key]) => {
    const item = found.find(({ fields }) => fields.name === name);
    return [key, item === undefined ? '' : shownField(item.fields, 'version')];
  });
  const others = found.filter(({ fields }) => !(String(fields.name) in PACKAGES));
  return {
    ...Object.fromEntries(known),
    other_device_properties: listOf(others, 'name'),
    other_properties_versions: listOf(others, 'version'),
  };
};

/** A release is known by what it is there for. */
const releases: More = (items) =>
  Object.fromEntries(
    items
      .filter(({ fields }) => 'role' in fields)
      .map(({ fields }) => [`${shownField(fields, 'role').toLowerCase()}_release`, shownField(fields, 'release')]),
  );

const system: More = (items) => ({
  location: [sourceOf(items, 'location'), ...listOf(items, 'line')],
  fan_id: listOf(of(items, 'fan'), 'id'),
  fans_status: listOf(of(items, 'fan'), 'status'),
  sensor_id: listOf(of(items, 'sensor'), 'id'),
  sensor_temp: listOf(of(items, 'sensor'), 'temperature'),
  sensor_status: listOf(of(items, 'sensor'), 'status'),
  // Of stacks of switches, which have these by unit.
  unit_descriptions: [],
  unit_fans_status: [],
  unit_main_power_supply: [],
  unit_redundant_power_supply: [],
  unit_temp: [],
  unit_temp_status: [],
});

function of(items: readonly ShreddedItem[], kind: string): readonly ShreddedItem[] {
  return items.filter(({ subject }) => nameOf(subject).startsWith(`${kind}.`));
}

const licence: More = (items) => {
  const [own] = of(items, 'licence');
  const shown = (field: string): string => (own === undefined ? '' : shownField(own.fields, field));
  const renewal = 'registration.lastRenewal';
  return {
    registration_last_renewal: sourceOf(items, `${renewal}:state`) || sourceOf(items, `${renewal}:never`),
    license: shown('name'),
    license_pid: shown('code'),
    license_description: shown('description'),
    license_count: shown('count'),
    license_version: shown('version'),
    license_status: shown('status'),
    license_export_status: shown('exportStatus'),
  };
};

/** What stands in either of two lines; addresses are those of logical interfaces, which aren't read. */
const interfaces: Output['records'] = (items) =>
  items.map(({ fields }) => ({
    interface: shownField(fields, 'name'),
    admin_state: shownField(fields, 'admin'),
    link_status: shownField(fields, 'link'),
    description: shownField(fields, 'description'),
    hardware_type: shownField(fields, 'kind') || shownField(fields, 'kindBehind'),
    mtu: shownField(fields, 'mtu') || shownField(fields, 'mtuBehind'),
    destination: shownField(fields, 'destination'),
    local: shownField(fields, 'local'),
  }));

const OUTPUTS: Readonly<Record<string, Pick<Output, 'file' | 'records'>>> = {
  'service-basics': {
    file: 'alcatel_sros_show_service_id_base',
    records: gather({
      service_id: 'id',
      description: 'description',
      customer_id: 'customer',
      admin_state: 'admin',
      oper_state: 'operational',
      mtu: 'mtu',
      sap_count: 'accessPoints',
      sdp_count: 'distributionPoints',
    }),
  },
  'boot-images': {
    file: 'aruba_os_show_version',
    records: gather({
      image_stamp: 'stamp:path',
      image_build_date: 'stamp:built',
      image_version: 'stamp:version',
      revision: 'stamp:revision',
      boot_image: 'image',
      boot_rom_version: 'rom',
      active_boot_rom: 'active',
    }),
  },
  'software-releases': {
    file: 'avaya_vsp_show_software',
    records: gather(
      { release_location: 'place', auto_commit: 'autoCommit', commit_timeout: 'commitTimeout' },
      releases,
    ),
  },
  'licence-status': {
    file: 'cisco_asa_show_license_all5',
    records: gather(
      {
        smart_status: 'enabled',
        registration_status: 'registration.status:state',
        smart_account: 'registration.smartAccount',
        virtual_account: 'registration.virtualAccount',
        export_controlled: 'registration.exportControlled',
        registration_initial_status: 'registration.initial:state',
        registration_initial_date: 'registration.initial:date',
        registration_last_renewal_date: 'registration.lastRenewal:date',
        registration_last_renewal_error: 'registration.failure',
        registration_next_renewal_date: 'registration.nextRenewal',
        registration_expiration_date: 'registration.expires',
        auth_status: 'authorization.status:state',
        auth_date: 'authorization.status:date',
        eval_remaining: 'authorization.evaluationRemaining',
        auth_last_communication: 'authorization.lastCommunication:state',
        auth_last_communication_date: 'authorization.lastCommunication:date',
        auth_fail_error: 'authorization.failure',
        auth_next_communication_date: 'authorization.nextCommunication',
        auth_deadline: 'authorization.deadline',
        pid: 'product:model',
        sn: 'product:serial',
        smart_agent_version: 'agent',
        utility_status: 'utility.status:state',
        privacy_sending_hostname: 'privacy.hostname',
        privacy_callhome_hostname_privacy: 'privacy.callhomeHostname',
        privacy_smart_licensing_hostname_privacy: 'privacy.licensingHostname',
        privacy_version_privacy: 'privacy.version',
        transport_type: 'transport.type',
        license_reservation: 'reservation',
      },
      licence,
    ),
  },
  'redundancy-summary': {
    file: 'cisco_wlc_ssh_show_redundancy_summary_1',
    records: gather({
      redundancy_mode: 'mode',
      local_state: 'local',
      peer_state: 'peer',
      unit: 'unit',
      unit_id: 'unitId',
      redundancy_state: 'state',
      mobility_mac: 'mobilityAddress',
      redundancy_port: 'port',
      bulksync_status: 'bulkSync',
      avg_redundancy_peer_latency: 'peerLatency',
      avg_mgmt_gw_latency: 'gatewayLatency',
    }),
  },
  'management-port': {
    file: 'show_interface_mgmt3',
    records: gather({
      address_mode: 'mode',
      admin_state: 'admin',
      link_state: 'link',
      mac_address: 'hardware',
      ipv4_address: 'address4:address',
      ipv4_prefix_length: 'address4:length',
      ipv4_gateway: 'gateway4',
      ipv6_address: 'address6:address',
      ipv6_prefix_length: 'address6:length',
      ipv6_link_local: 'linkLocal6:address',
      ipv6_link_local_prefix_length: 'linkLocal6:length',
      ipv6_gateway: 'gateway6',
      primary_dns: 'nameserver1',
      secondary_dns: 'nameserver2',
      tertiary_dns: 'nameserver3',
    }),
  },
  'system-status': {
    file: 'show_system_5',
    records: gather(
      {
        description: 'description',
        uptime: 'uptime',
        contact: 'contact',
        hostname: 'name',
        address: 'address',
        oid: 'object',
        reset_btn_status: 'resetButton',
        main_power_supply_status: 'mainPower',
        redundant_power_supply_status: 'redundantPower',
      },
      system,
    ),
  },
  'installed-packages': {
    file: 'juniper_junos_show_version',
    records: gather(
      {
        hostname: 'host',
        model: 'model',
        junos_version: 'release',
        serial_number: 'serial',
        qfabric_system_id: 'fabric',
      },
      packages,
    ),
  },
  'physical-interface': { file: 'juniper_junos_show_interfaces2', records: interfaces },
};

for (const [shredder, { file, records }] of Object.entries(OUTPUTS)) {
  t.test(shredder, { skip }, (t) => {
    checkOutput(t, { file, plan: testShredder(shredder), count: 1, records });
    t.end();
  });
}
