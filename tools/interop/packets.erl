%% Sends back what it receives, in a framing of Erlang's sockets: escript packets.erl HOST PORT PACKET.
main([Host, Port, Packet]) ->
    {ok, Address} = inet:parse_address(Host),
    Type = case string:to_integer(Packet) of
               {Number, ""} -> Number;
               _ -> list_to_atom(Packet)
           end,
    Options = [binary, {ip, Address}, {packet, Type}, {active, false}, {reuseaddr, true}],
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port), Options),
    accept(Listener).

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Answer = spawn(fun() -> receive go -> answer(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Answer),
    Answer ! go,
    accept(Listener).

answer(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Message} ->
            ok = gen_tcp:send(Socket, Message),
            answer(Socket);
        {error, closed} -> ok
    end.
