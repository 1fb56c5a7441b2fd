{{- define "orggateway.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "orggateway.labels" -}}
app.kubernetes.io/name: orggateway
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "orggateway.selector" -}}
app.kubernetes.io/name: orggateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "orggateway.secret" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "orggateway.name" .)) -}}
{{- end -}}
