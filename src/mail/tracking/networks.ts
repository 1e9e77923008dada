//
// Owns: networks from which programs of security companies and mail proxies look at what stands in mail: a table.
// Sources: what the companies publish for those who have to let their mail through, and their SPF records and announced routes.
// Never: whole hosting companies: people's VPNs and companies' gateways stand there too.

export interface KnownNetwork {
  readonly address: string
  readonly prefix: number
}

const BY_OWNER: Readonly<Record<string, readonly string[]>> = {
  Barracuda: ['64.235.144.0/20', '209.222.80.0/21'],
  Proofpoint: [
    '67.231.144.0/20',
    '148.163.128.0/17',
    '205.220.160.0/19',
    '208.84.64.0/22',
    '208.86.200.0/22',
  ],
  Mimecast: [
    '91.220.42.0/24',
    '146.101.78.0/24',
    '170.10.128.0/19',
    '195.130.217.0/24',
    '205.139.110.0/23',
    '207.211.30.0/23',
    '216.205.24.0/24',
  ],
  Symantec: [
    '46.226.48.0/21',
    '67.219.240.0/20',
    '85.158.136.0/21',
    '95.131.104.0/21',
    '103.9.96.0/22',
    '117.120.16.0/21',
    '193.109.254.0/23',
    '194.106.220.0/23',
    '195.245.230.0/23',
    '196.14.170.0/23',
    '216.82.240.0/20',
  ],
  Cisco: ['68.232.128.0/19', '216.71.128.0/19'],
  Forcepoint: ['208.87.232.0/21'],
  'Trend Micro': ['150.70.0.0/16'],
  Microsoft: ['40.92.0.0/15', '40.94.0.0/16', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17'],
  Google: ['66.102.0.0/20', '66.249.80.0/20'],
}

export const KNOWN_NETWORKS: readonly KnownNetwork[] = Object.values(BY_OWNER)
  .flat()
  .map((text) => {
    const [address = '', prefix = ''] = text.split('/')
    return { address, prefix: Number(prefix) }
  })
