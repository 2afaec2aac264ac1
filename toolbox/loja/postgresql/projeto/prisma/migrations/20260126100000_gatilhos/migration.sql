-- Escrita à mão: os gatilhos e as funções deles.

CREATE FUNCTION marcar_atualizacao() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.atualizado_em := now();
    RETURN NEW;
END
$$;

CREATE FUNCTION auditar_pedido() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO auditoria (momento, tabela, operacao, chave, autor, antes, depois)
    VALUES (now() AT TIME ZONE 'UTC', 'pedidos', 'UPDATE', OLD.id::text, current_user,
            jsonb_build_object('status', OLD.status), jsonb_build_object('status', NEW.status));
    RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION marcar_atualizacao(), auditar_pedido() FROM PUBLIC;

CREATE TRIGGER clientes_atualizado_em BEFORE UPDATE ON clientes
    FOR EACH ROW EXECUTE FUNCTION marcar_atualizacao();
CREATE TRIGGER pedidos_auditoria AFTER UPDATE ON pedidos
    FOR EACH ROW EXECUTE FUNCTION auditar_pedido();
