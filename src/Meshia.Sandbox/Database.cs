using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Meshia.Sandbox.Experiments;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox;

/// <summary>The SQLite file: its connections, its settings, and the one writer at a time that SQLite allows.</summary>
internal sealed class Database : IDisposable
{
    private const string SeedSetting = "seed";

    private readonly Lock _writing = new();
    private readonly string _connectionString;
    private readonly SqliteConnection _writer;
    private int _waiting;
    private long _version;

    /// <param name="file">The file.</param>
    /// <param name="isTemporary">Whether the data need not survive the machine. That of a killed process survives in any case.</param>
    public Database(string file, bool isTemporary = false)
    {
        // Only the writer checks references: it would cost each reader a statement.
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file }.ToString();
        _writer = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Pooling = false }.ToString());
        try
        {
            _writer.Open();
            // Moving the log into the file waits for the disk: seldom, with a log of 40 MB.
            Run(_writer, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {(isTemporary ? "OFF" : "NORMAL")}; PRAGMA wal_autocheckpoint = 10000");
            switch ((long)Scalar(_writer, "PRAGMA user_version")!)
            {
                case 0:
                    WritePlain(connection => Run(connection, $"{Schema.Tables} PRAGMA user_version = {Schema.Version};"));
                    break;
                case Schema.Version:
                    break;
                case var other:
                    throw new InvalidDataException($"'{file}' has schema {other}; this sandbox knows only {Schema.Version}. Use another folder, or delete the file.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Changes with each commit: what was read at a version is right for as long as that is the present one.</summary>
    public long Version => Volatile.Read(ref _version);

    public SqliteConnection Open()
    {
        Mapping.Prepare();
        return OpenPlain();
    }

    private SqliteConnection OpenPlain()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of its own; an exception undoes it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="committed">Gets the result when others can read the work, and before others can write.</param>
    public T Write<T>(Func<SqliteConnection, T> work, Action<T>? committed = null)
    {
        Mapping.Prepare();
        return WritePlain(work, committed);
    }

    private T WritePlain<T>(Func<SqliteConnection, T> work, Action<T>? committed = null)
    {
        Interlocked.Increment(ref _waiting);
        lock (_writing)
        {
            Interlocked.Decrement(ref _waiting);
            using var transaction = _writer.BeginTransaction();
            var result = work(_writer);
            transaction.Commit();
            Interlocked.Increment(ref _version);
            committed?.Invoke(result);
            return result;
        }
    }

    /// <summary>Gives those that wait for the writer a chance before the caller goes on with long work: a lock is not fair.</summary>
    public void LetOthersWrite() => SpinWait.SpinUntil(() => Volatile.Read(ref _waiting) == 0, TimeSpan.FromMilliseconds(2));

    public void Write(Action<SqliteConnection> work) => Write(connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>Runs <paramref name="work"/> in a transaction while no rows need refer to others, which is fast for whole tables.</summary>
    public void Rebuild(Action<SqliteConnection> work)
    {
        lock (_writing)
        {
            _writer.Execute("PRAGMA foreign_keys = OFF");
            try
            {
                using var transaction = _writer.BeginTransaction();
                work(_writer);
                if (_writer.ExecuteScalar<string?>("PRAGMA foreign_key_check") is { } table)
                    throw new FormatException($"A row of '{table}' refers to one that is missing.");
                transaction.Commit();
                Interlocked.Increment(ref _version);
            }
            finally
            {
                _writer.Execute("PRAGMA foreign_keys = ON");
            }
        }
    }

    /// <summary>The next number of a sequence that survives restarts, so that seeded ids never repeat.</summary>
    public static string NextNumber(SqliteConnection connection, string counter) => connection.ExecuteScalar<long>(
        """
        INSERT INTO counters VALUES (@counter, 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """,
        new { counter }).ToString(CultureInfo.InvariantCulture);

    /// <summary>The seed that the data was made with. Another one would change the bytes of artifacts that exist.</summary>
    public Seed ClaimSeed(long? wanted)
    {
        var initial = wanted ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        var seed = FindSetting(SeedSetting) is { } stored ? long.Parse(stored, CultureInfo.InvariantCulture) : initial;
        if (wanted is not null && wanted != seed)
            throw new InvalidDataException($"The data was made with seed {seed}, not {wanted}. Leave the seed out, or use other data.");
        SetSetting(SeedSetting, seed.ToString(CultureInfo.InvariantCulture));
        return new Seed(seed);
    }

    /// <summary>Reads rows as they are, which every start does.</summary>
    public void Read(string sql, Action<SqliteDataReader> take)
    {
        using var connection = OpenPlain();
        using var command = Command(connection, sql, []);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            take(reader);
    }

    public string? FindSetting(string name)
    {
        using var connection = OpenPlain();
        return (string?)Scalar(connection, "SELECT value FROM settings WHERE name = @name", ("@name", name));
    }

    public void SetSetting(string name, string value) => WritePlain(connection => Run(
        connection, "INSERT INTO settings VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = @value", ("@name", name), ("@value", value)));

    public void Dispose()
    {
        _writer.Dispose();
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    // Without Dapper, which compiles code for each statement: every start runs these.
    private static int Run(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, string Value)> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, string Value)> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteScalar();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, ReadOnlySpan<(string Name, string Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    /// <summary>How Dapper reads and writes our types. It is told so at the first use, for which a start need not wait.</summary>
    private static class Mapping
    {
        static Mapping()
        {
            DefaultTypeMap.MatchNamesWithUnderscores = true;
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.AddTypeHandler(new UnixMilliseconds());
            SqlMapper.AddTypeHandler(new PythonJsonText());
            SqlMapper.AddTypeHandler(new OutcomeText());
        }

        /// <summary>Its first call has the constructor above run.</summary>
        public static void Prepare()
        {
        }
    }

    private sealed class UnixMilliseconds : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds((long)value);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = value.ToUnixTimeMilliseconds();
    }

    private sealed class OutcomeText : SqlMapper.TypeHandler<ExperimentOutcome>
    {
        public override ExperimentOutcome? Parse(object value) => JsonSerializer.Deserialize<ExperimentOutcome>((string)value);

        public override void SetValue(IDbDataParameter parameter, ExperimentOutcome? value) =>
            parameter.Value = value is null ? DBNull.Value : JsonSerializer.Serialize(value);
    }

    private sealed class PythonJsonText : SqlMapper.TypeHandler<PythonJson>
    {
        public override PythonJson Parse(object value) => PythonJson.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, PythonJson? value) => parameter.Value = value?.StoredText;
    }
}
