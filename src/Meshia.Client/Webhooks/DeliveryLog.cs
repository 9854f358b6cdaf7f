using System.Text;

namespace Meshia;

/// <summary>
/// The deliveries that a receiver has taken, in a file, so that a replay is known after a restart too. A header with the
/// version, then 24 bytes a delivery: 16 of its hash, 8 of the time (UTC ticks) until which it has to be known.
/// </summary>
internal sealed class DeliveryLog : IDisposable
{
    private const string Magic = "MSHDLV";
    private const string Version = "01";
    private const int HeaderLength = 8;
    private const int RecordLength = 24;

    private readonly string _path;
    private FileStream _file;

    /// <summary>Opens the log, which no other receiver may do meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="now">Deliveries that may be forgotten by then are left out.</param>
    /// <exception cref="IOException">Another receiver has it, a newer version of the module wrote it, or it cannot be opened.</exception>
    public DeliveryLog(string path, DateTimeOffset now)
    {
        _path = path;
        _file = OwnFile.Retry(path, () => OwnFile.OpenOrCreate(path));
        try
        {
            var bytes = new byte[_file.Length];
            var length = 0;
            for (var read = 1; read > 0 && length < bytes.Length; length += read)
                read = _file.Read(bytes, length, bytes.Length - length);
            IsDamaged = length > 0 && !IsKnown(bytes, length);
            var known = new Dictionary<Guid, DateTimeOffset>();
            for (var start = HeaderLength; !IsDamaged && start + RecordLength <= length; start += RecordLength)
            {
                var until = BitConverter.ToInt64(bytes, start + 16);
                if (until <= now.UtcTicks || until > DateTimeOffset.MaxValue.UtcTicks)
                    continue;
                var id = new byte[16];
                Buffer.BlockCopy(bytes, start, id, 0, id.Length);
                known[new Guid(id)] = new(until, TimeSpan.Zero);
            }

            Known = known;
            Rewrite(known);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file was no log, so that nothing is known of earlier deliveries.</summary>
    public bool IsDamaged { get; }

    /// <summary>The deliveries that were taken before, and until when they have to be known.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Known { get; }

    /// <summary>How many records the file has.</summary>
    public long Count => (_file.Length - HeaderLength) / RecordLength;

    /// <summary>Adds a delivery.</summary>
    public void Add(Guid id, DateTimeOffset until)
    {
        var record = Record(id, until);
        _file.Write(record, 0, record.Length);
        _file.Flush();
    }

    /// <summary>Writes the file again with the deliveries that must be remembered.</summary>
    public void Rewrite(IEnumerable<KeyValuePair<Guid, DateTimeOffset>> known)
    {
        var bytes = Encoding.ASCII.GetBytes(Magic + Version).Concat(known.SelectMany(pair => Record(pair.Key, pair.Value))).ToArray();
        _file.Dispose();
        OwnFile.WriteAllBytes(_path, bytes);
        _file = OwnFile.Retry(_path, () => OwnFile.Open(_path, FileAccess.ReadWrite, FileShare.None));
        _file.Position = _file.Length;
    }

    public void Dispose() => _file.Dispose();

    private bool IsKnown(byte[] bytes, int length)
    {
        if (length < HeaderLength || Encoding.ASCII.GetString(bytes, 0, Magic.Length) != Magic)
            return false;
        var version = Encoding.ASCII.GetString(bytes, Magic.Length, Version.Length);
        if (string.CompareOrdinal(version, Version) > 0)
            throw new IOException($"A newer version of the module wrote '{_path}' (format {version}; this version reads up to {Version}). Update the module, or delete the file to forget which deliveries were received.");
        return true;
    }

    private static byte[] Record(Guid id, DateTimeOffset until) => [.. id.ToByteArray(), .. BitConverter.GetBytes(until.UtcTicks)];
}
