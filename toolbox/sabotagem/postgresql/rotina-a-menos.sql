-- o procedimento `cancelar_pedido` apagado
DROP PROCEDURE cancelar_pedido(bigint);
