-- um gatilho de `pedidos` apagado
DROP TRIGGER pedidos_auditoria ON pedidos;
