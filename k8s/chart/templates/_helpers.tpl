{{- define "usage-api.name" -}}
{{- /* The name of a CronJob has 52 characters at most. */}}
{{- $release := .Release.Name | trunc 30 | trimSuffix "-" }}
{{- contains .Chart.Name $release | ternary $release (printf "%s-%s" $release .Chart.Name) }}
{{- end }}

{{- define "usage-api.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "usage-api.labels" -}}
{{ include "usage-api.selector" . }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "usage-api.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "%s-jvm" .Chart.AppVersion) }}
{{- end }}

{{- /* What the spec of every pod begins with. */}}
{{- define "usage-api.pod" -}}
automountServiceAccountToken: false
# Service links would be variables named USAGE_API_…, like the server's settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- with .Values.runAs }}
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  fsGroup: {{ . }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.pod }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* What every container has. */}}
{{- define "usage-api.container" -}}
image: {{ include "usage-api.image" . }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop:
      - ALL
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* The user of a Secret, as variables. */}}
{{- define "usage-api.user" -}}
- name: QUARKUS_DATASOURCE_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: username
- name: QUARKUS_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: password
{{- end }}

{{- /* What every pod may connect to: DNS and the database. */}}
{{- define "usage-api.egress" -}}
- to:
    - namespaceSelector:
        matchExpressions:
          - key: kubernetes.io/metadata.name
            operator: In
            values: {{ toJson .Values.networkPolicy.dnsNamespaces }}
    # NodeLocal DNS is on the node, which no selector finds.
    {{- range .Values.networkPolicy.nodeLocalDns }}
    - ipBlock:
        cidr: {{ . }}/32
    {{- end }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
    # The pods of OpenShift's DNS.
    - port: 5353
      protocol: UDP
    - port: 5353
      protocol: TCP
- ports:
    - port: {{ .Values.networkPolicy.databasePort }}
{{- end }}

{{- define "usage-api.namespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson . }}
{{- end }}
