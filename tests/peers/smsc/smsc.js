// Somebody else's SMSC for the tests: the npm package smpp, on a free port of loopback. smsc.py starts it and reads
// what it prints, one JSON object a line. A recipient is 1, three digits that choose what becomes of the text, and a
// number:
//
//   200 taken, delivered            206 taken; its receipt comes before the answer
//   201 refused: no such number     207 refused: too fast
//   202 refused for now, once       208 taken, cannot be delivered
//   203 answered with a nack, once  209 taken; its receipt has no optional parameters
//   204 taken, never answered       211 part 2 is refused for now, once
//   205 taken; late, double receipt 212 part 2 is refused for good
//   210 taken, no receipt
//
// Commands come as JSON lines: {"cut": true} breaks every line, {"deliver": {...}} is a deliver_sm, {"unbind": true}
// ends the log-ins, {"deaf": true} answers no enquiry from now on.
const fs = require('fs');
const smpp = require('smpp');
const PASSWORD = 'secret';
const sessions = new Set();
const once = new Set();
const texts = new Map();
let last = 0;
let deaf = false;

const tell = said => fs.writeSync(1, JSON.stringify(said) + '\n');
const isFirst = what => !once.has(what) && once.add(what);

function bind(session, pdu) {
  if (pdu.system_id !== 'desk') return end(session, pdu, smpp.ESME_RINVSYSID);
  if (pdu.password !== PASSWORD) return end(session, pdu, smpp.ESME_RINVPASWD);
  sessions.add(session);
  tell({ bound: sessions.size });
  session.send(pdu.response({ system_id: 'smsc' }));
}

function end(session, pdu, status) {
  session.send(pdu.response({ command_status: status }));
  session.close();
}

function receipt(session, pdu, id, word, state, tags) {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611211900 done date:2611211901 stat:${word} err:000 text:`;
  const fields = { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, short_message: text };
  if (tags) Object.assign(fields, { receipted_message_id: id, message_state: state });
  deliver(session, fields);
}

function deliver(session, fields) {
  session.send(new smpp.PDU('deliver_sm', fields), answer => tell({ answered: answer.command_status }));
}

function part(pdu) {
  const udh = pdu.short_message && pdu.short_message.udh;
  if (udh) return [...udh[0].subarray(-3)];
  if (pdu.sar_total_segments) return [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum];
  return null;
}

function refusal(kind, pdu) {
  const second = (part(pdu) || [0, 0, 1])[2] === 2;
  if (kind === '201') return smpp.ESME_RINVDSTADR;
  if (kind === '202' && isFirst(pdu.destination_addr)) return smpp.ESME_RSYSERR;
  if (kind === '207') return smpp.ESME_RTHROTTLED;
  if (kind === '211' && second && isFirst(pdu.destination_addr)) return smpp.ESME_RSYSERR;
  if (kind === '212' && second) return smpp.ESME_RINVMSGLEN;
  return 0;
}

function submit(session, pdu) {
  const to = pdu.destination_addr;
  const kind = to.slice(1, 4);
  const status = refusal(kind, pdu);
  if (status) return session.send(pdu.response({ command_status: status }));
  if (kind === '203' && isFirst(to)) {
    return session.send(new smpp.PDU('generic_nack', { command_status: smpp.ESME_RSYSERR, sequence_number: pdu.sequence_number }));
  }
  const id = (++last + 0xab00).toString(16);
  texts.set(id, { source: pdu.source_addr, state: kind === '210' ? 1 : 2 });
  const content = pdu.short_message.message || pdu.message_payload && pdu.message_payload.message || '';
  tell({
    to, id, from: pdu.source_addr, ton: pdu.source_addr_ton, coding: pdu.data_coding, part: part(pdu),
    receipt: pdu.registered_delivery, validity: pdu.validity_period, text: content,
  });
  if (kind === '204') return;
  const wanted = pdu.registered_delivery & 1 && kind !== '210';
  if (wanted && kind === '206') receipt(session, pdu, id, 'DELIVRD', 2, true);
  session.send(pdu.response({ message_id: id }));
  if (!wanted || kind === '206') return;
  if (kind === '208') receipt(session, pdu, id, 'UNDELIV', 5, true);
  else if (kind === '205') for (const wait of [30, 60]) setTimeout(() => receipt(session, pdu, id, 'DELIVRD', 2, true), wait);
  else receipt(session, pdu, id, 'DELIVRD', 2, kind !== '209');
}

function about(session, pdu, answer) {
  const text = texts.get(pdu.message_id);
  const known = text && text.source === pdu.source_addr;
  session.send(pdu.response(known ? answer(text) : { command_status: smpp.ESME_RINVMSGID }));
}

const [key, cert] = process.argv.slice(2).map(file => fs.readFileSync(file));
const server = smpp.createServer(key ? { key, cert } : {}, session => {
  session.socket.setNoDelay(true); // else a receipt waits behind its answer
  session.on('error', () => {});
  session.on('close', () => sessions.delete(session));
  session.on('bind_transceiver', pdu => bind(session, pdu));
  session.on('enquire_link', pdu => deaf || session.send(pdu.response()));
  session.on('unbind', pdu => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', pdu => submit(session, pdu));
  session.on('query_sm', pdu => about(session, pdu, text => ({ message_id: pdu.message_id, final_date: '', message_state: text.state, error_code: 0 })));
  session.on('cancel_sm', pdu => about(session, pdu, text => text.state === 1 ? {} : { command_status: smpp.ESME_RCANCELFAIL }));
});

require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const said = JSON.parse(line);
  if (said.cut) for (const session of sessions) session.socket.resetAndDestroy();
  if (said.unbind) for (const session of sessions) session.unbind();
  if (said.deaf) deaf = true;
  if (said.deliver) {
    const fields = said.deliver;
    if (fields.hex) fields.short_message = Buffer.from(fields.hex, 'hex');
    delete fields.hex;
    deliver([...sessions][0], fields);
  }
}).on('close', () => process.exit(0));
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
