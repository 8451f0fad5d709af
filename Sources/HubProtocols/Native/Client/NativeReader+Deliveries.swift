import HubBytes
import HubModel

/// The frames that come most: messages and receipts.
extension NativeReader {
    func delivery(_ kind: MessageKind, _ batch: inout ByteBuffer) throws(Refusal) -> NativeDelivery {
        var message = RoutedMessage(
            kind, offset: try offset(.offset),
            sequence: SequenceNumber(UInt64(try integer(.seq, 0...Int64.max) ?? 0)),
            time: try moment(.timestamp), expiry: try moment(.expires))
        message.id = try text(.id, &batch)
        message.sender = try text(.from, &batch)
        message.isDirect = scanner[has: .to]
        message.destination = try text(message.isDirect ? .to : .topic, &batch)
        message.session = try text(.session, &batch)
        message.correlation = try text(.commandID, &batch)
        message.cause = try text(.cause, &batch)
        message.trace = try text(.traceparent, &batch)
        if try bool(.retain) ?? false { message.flags.insert(.retained) }
        if try bool(.late) ?? false { message.flags.insert(.late) }
        message.payload = try payload(&message.flags, &batch)
        var delivery = NativeDelivery(message: message)
        delivery.consumer = try text(.consumer, &batch)
        delivery.attempt = Int(try integer(.attempt, 1...Int64.max) ?? 1)
        delivery.replay = try text(.replay, &batch)
        return delivery
    }

    private func payload(
        _ flags: inout RecordFlags, _ batch: inout ByteBuffer
    ) throws(Refusal) -> Slice {
        if scanner[has: .failure] {
            flags.insert(.failure)
            return try text(.failure, &batch)
        }
        guard scanner[has: .dataBase64] else { return try data(batch) ?? .empty }
        let characters = try text(.dataBase64, &batch)
        flags.insert(.binary)
        guard let decoded = Base64Decoding.bytes(characters.of(batch.bytes), .standard) else {
            throw mistyped(.dataBase64, "text in base64, with padding")
        }
        return decoded.withBytes { batch.place($0) }
    }

    func receipt(_ batch: inout ByteBuffer) throws(Refusal) -> NativeHubFrame {
        var receipt = NativeReceipt(
            sequence: SequenceNumber(UInt64(try integer(.seq, 0...Int64.max) ?? 0)),
            offset: try offset(.offset), durability: try durability())
        receipt.isDuplicate = try bool(.duplicate) ?? false
        receipt.isAddresseeAway = try bool(.away) ?? false
        return .receipt(receipt, re: try text(.re, &batch), session: try text(.session, &batch))
    }

    // MARK: Values

    func offset(_ key: NativeKey) throws(Refusal) -> Offset {
        guard let number = try integer(key, 0...Int64.max) else { throw missing(key) }
        return Offset(UInt64(number))
    }

    func count(_ key: NativeKey) throws(Refusal) -> Int { Int(try integer(key, 0...Int64.max) ?? 0) }

    /// A moment; none if there is none.
    func moment(_ key: NativeKey) throws(Refusal) -> Timestamp {
        guard let value = scanner[key] else { return .none }
        return try moment(value, key)
    }

    func moment(_ value: NativeValue, _ key: NativeKey) throws(Refusal) -> Timestamp {
        if value.kind == .plainText, value.count == 27, let time = TimestampText.parse(text, value.start) {
            return time
        }
        guard value.isText, let time = Timestamp(text: string(value)) else {
            throw mistyped(key, "a time such as \"2026-11-20T10:18:54.000123Z\"")
        }
        return time
    }
}
