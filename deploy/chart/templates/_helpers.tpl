{{/* Names and labels. A call takes the root context, or a dict of it and the role. */}}
{{- define "vf.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name }}{{ end -}}
{{- end }}

{{- define "vf.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "vf.name" .) "default" .Values.serviceAccount.create) -}}
{{- end }}

{{/*
Setup runs before the objects of the release are made. The release's own account is there from the second time on: asked for
instead of reckoned by install or upgrade, since an upgrade may follow an installation that failed. Without a cluster to ask
(helm template) it is taken to be missing. It is no hook itself: Helm would leave it behind, or make it anew beneath running pods.
*/}}
{{- define "vf.setupAccount" -}}
{{- $account := include "vf.serviceAccount" . -}}
{{- $missing := and .Values.serviceAccount.create (empty (lookup "v1" "ServiceAccount" .Release.Namespace $account)) -}}
{{- .Values.setup.serviceAccountName | default (ternary "default" $account $missing) -}}
{{- end }}

{{- define "vf.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "vf.labels" -}}
{{ include "vf.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Of a pod: the role's own labels and annotations before the common ones. */}}
{{- define "vf.podMetadata" -}}
{{- $own := get .root.Values .role -}}
labels:
  {{- include "vf.labels" . | nindent 2 }}
  {{- with mergeOverwrite (deepCopy (.root.Values.podLabels | default dict)) (get $own "podLabels" | default dict) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with mergeOverwrite (deepCopy (.root.Values.podAnnotations | default dict)) (get $own "podAnnotations" | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The common digest is that of the common tag. */}}
{{- define "vf.image" -}}
{{- $own := get (get .root.Values .role) "image" | default dict -}}
{{- $common := ternary (omit .root.Values.image "digest") .root.Values.image (not (empty $own.tag)) -}}
{{- $image := mergeOverwrite (deepCopy $common) $own -}}
{{- printf "%s:%s" $image.repository ($image.tag | default .root.Chart.AppVersion) -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{- define "vf.pullPolicy" -}}
{{- $own := get (get .root.Values .role) "image" | default dict -}}
{{- $own.pullPolicy | default .root.Values.image.pullPolicy -}}
{{- end }}

{{/* Settings of a role as JSON: its own before those of both. */}}
{{- define "vf.config" -}}
{{- $own := get (get .root.Values .role) "config" | default dict -}}
{{- $config := mergeOverwrite (dict "VF_ADMIN_PORT" "9464") (deepCopy .root.Values.config) $own -}}
{{- $_ := required "config.VF_KAFKA_BROKERS: missing; write host:port[,host:port]" $config.VF_KAFKA_BROKERS -}}
{{- $_ := required "config.TEMPORAL_ADDRESS: missing; write host:port" $config.TEMPORAL_ADDRESS -}}
{{- toJson $config -}}
{{- end }}

{{/* Setting to key of the Secret, as JSON. */}}
{{- define "vf.secrets" -}}
{{- $secrets := .root.Values.secrets -}}
{{- mergeOverwrite (deepCopy $secrets.common) (get $secrets .role | default dict) | toJson -}}
{{- end }}

{{/* "true" for a setting that takes the path of a file. */}}
{{- define "vf.takesPath" -}}
{{- if regexMatch "_(FILE|PATH)$|^NODE_EXTRA_CA_CERTS$" . }}true{{ end -}}
{{- end }}

{{- define "vf.env" -}}
{{- range $name, $value := include "vf.config" . | fromJson }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- $root := .root }}
{{- range $name, $key := include "vf.secrets" . | fromJson }}
- name: {{ $name }}
{{- if include "vf.takesPath" $name }}
  value: {{ printf "/run/secrets/verdictflow/%s" $key | quote }}
{{- else }}
  valueFrom:
    secretKeyRef: { name: {{ $root.Values.secrets.name | quote }}, key: {{ $key | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{/* The keys that are mounted, as a JSON list under `items`. */}}
{{- define "vf.mounted" -}}
{{- $items := list -}}
{{- range $name, $key := include "vf.secrets" . | fromJson -}}
{{- if include "vf.takesPath" $name }}{{ $items = append $items (dict "key" $key "path" $key) }}{{ end -}}
{{- end -}}
{{- dict "items" ($items | uniq) | toJson -}}
{{- end }}

{{/* The `list` (extraVolumes, extraVolumeMounts) of all pods, then that of the role, as JSON under `items`. */}}
{{- define "vf.extra" -}}
{{- $own := get (get .scope.root.Values .scope.role) .list | default list -}}
{{- dict "items" (concat (get .scope.root.Values .list | default list) $own) | toJson -}}
{{- end }}

{{- define "vf.container" -}}
image: {{ include "vf.image" . | quote }}
imagePullPolicy: {{ include "vf.pullPolicy" . }}
env:
  {{- include "vf.env" . | trim | nindent 2 }}
resources:
  {{- get (get .root.Values .role) "resources" | toYaml | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- $secrets := (include "vf.mounted" . | fromJson).items }}
{{- $extra := (include "vf.extra" (dict "scope" . "list" "extraVolumeMounts") | fromJson).items }}
{{- if or $secrets $extra }}
volumeMounts:
  {{- if $secrets }}
  - { name: secrets, mountPath: /run/secrets/verdictflow, readOnly: true }
  {{- end }}
  {{- with $extra }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "vf.pod" -}}
automountServiceAccountToken: false
# Kubernetes would tell of a Service named vf-… in variables that look like settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- range $name, $id := .root.Values.podSecurityContext }}
  {{ $name }}: {{ int64 $id }}
  {{- end }}
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $secrets := (include "vf.mounted" . | fromJson).items }}
{{- $extra := (include "vf.extra" (dict "scope" . "list" "extraVolumes") | fromJson).items }}
{{- if or $secrets $extra }}
volumes:
  {{- with $secrets }}
  - name: secrets
    secret:
      secretName: {{ $.root.Values.secrets.name | quote }}
      defaultMode: 0440
      items:
        {{- toYaml . | nindent 8 }}
  {{- end }}
  {{- with $extra }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/*
Seconds from SIGTERM to SIGKILL: VF_SHUTDOWN_TIMEOUT for the phase that finishes a read, and as much for all others together.
A worker that is killed before turns a read in flight into an uncertain one.
*/}}
{{- define "vf.grace" -}}
{{- $text := (include "vf.config" . | fromJson).VF_SHUTDOWN_TIMEOUT | default "30s" -}}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h)$" $text) }}{{ fail (printf "VF_SHUTDOWN_TIMEOUT: %q is not a duration; write e.g. 30s" $text) }}{{ end -}}
{{- $unitMs := get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) (regexFind "[a-z]+$" $text) -}}
{{- div (add (mul 2 (regexFind "^[0-9]+" $text | int64) $unitMs) 999) 1000 -}}
{{- end }}
