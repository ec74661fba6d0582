import type { logsEn } from './logs_en';

export const logsEs: { readonly [key in keyof typeof logsEn]: string } = {
  log_records: 'Líneas de registro',
  logs_kept: 'Líneas de registro',
  logs_bytes: 'Registros en disco',
  log_retention: 'Registros por servicio',
  logs_readable: '{n} de {all} registros se pueden leer',
  pattern_new: 'nuevo',
  pattern_rule: 'Crear una regla',
  patterns_left_out: '{n} patrones menos frecuentes no se muestran: una búsqueda más estrecha los muestra.',
  patterns_alone: 'No se compara nada: no hay líneas del tramo anterior, o hay demasiados patrones.',
  log_troubles:
    'Aquí faltan líneas: {n} registro no se lee, o no entero|Aquí faltan líneas: {n} registros no se leen, o no enteros',
  log_dropped:
    '{source}: se omitieron {n} líneas en la última hora, por encima de su límite. Suba log_limits en la configuración del agente, o haga que el servicio registre menos.',
  lines_never:
    'No ha llegado ninguna línea en los últimos 7 días: o no hay todavía ningún agente, o no puede leer los registros.',
  lines_add_node: 'Añadir un nodo',
  lines_none_at_all: 'Tampoco llegó ninguna otra línea en este tiempo.',
  lines_others: 'En este tiempo llegó otra línea.|En este tiempo llegaron otras {n} líneas.',
  lines_in_week: '{n} coincide en los últimos 7 días.|{n} coinciden en los últimos 7 días.',
  lines_saved: 'Se ha guardado {n} línea.|Se han guardado {n} líneas.',
  lines_saved_part:
    'Solo se han guardado {n} de {total} líneas: acota la búsqueda, o pídelas todas a la API.',
  story_around:
    'La alerta no nombra ninguna petición ni id que lleve más lejos. Estas líneas son de su servicio, de lo que este necesita y de su nodo, en los minutos alrededor de las {time}.',
  story_by_id:
    'La alerta no nombra ninguna petición que lleve más lejos. Estas líneas hablan de los ids que nombra.',
  story_around_cut: 'Hay más: solo se muestran las {n} líneas más cercanas al fallo.',
  story_changes_cut: 'Hubo más cambios de los que se muestran aquí.',
  logs_of_alert: 'En los registros',
  story_of_alert: 'Su historia en todos los servicios',
};
