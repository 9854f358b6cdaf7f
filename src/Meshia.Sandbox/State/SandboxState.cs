using System.Text.Json;
using Dapper;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Journal;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.State;

/// <summary>The whole state: emptied, written as JSON, and read back.</summary>
internal sealed class SandboxState(
    Database database, Seed seed, SandboxClock clock, SessionLifecycle sessions, FaultBook faults, FaultsAtStart faultsAtStart,
    LateRequests late, RequestJournal journal, RequestNumbers numbers, ApiKeys keys, SignedUrl signedUrl)
{
    public const string WhatIsValid = "Valid is what GET /sandbox/state returns and Export-MeshiaSandboxState writes.";

    private const int FormatVersion = 1;

    // Each table before those that refer to it.
    private static readonly string[] _tables =
        ["counters", "accounts", "keys", "sessions", "experiments", "artifacts", "webhooks", "messages", "deliveries"];

    /// <summary>Makes the sandbox what it was at its start without data. The seed stays.</summary>
    public bool Reset()
    {
        Clear(_ => { });
        clock.Reset();
        Forget();
        faultsAtStart.Set(faults);
        return true;
    }

    public byte[] Export()
    {
        using var buffer = new MemoryStream();
        using var connection = database.Open();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Json.Encoder, Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", FormatVersion);
            writer.WriteNumber("seed", seed.Value);
            writer.WriteString("clock", clock.Exported);
            writer.WritePropertyName("faults");
            JsonSerializer.Serialize(writer, faults.All, Wire.Json);
            foreach (var table in _tables)
                WriteTable(writer, connection, table);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Puts an exported state instead of the present one. Where it cannot be read, nothing changes.</summary>
    /// <exception cref="ApiException">It is not an exported state; the message says why.</exception>
    public bool Import(JsonElement state)
    {
        if (state.ValueKind != JsonValueKind.Object || !state.TryGetProperty("version", out var version))
            throw ApiException.Invalid($"This is not a state that a sandbox has exported. {WhatIsValid}");
        if (version.ValueKind != JsonValueKind.Number || version.GetDouble() != FormatVersion)
            throw ApiException.Invalid($"The state has version {version.GetRawText()}; this sandbox knows only {FormatVersion}.");
        try
        {
            var newSeed = Field("seed", JsonValueKind.Number).TryGetInt64(out var number) ? number : throw new FormatException("'seed' must be a whole number.");
            var time = Field("clock", JsonValueKind.String).GetString()!;
            var added = RequestBody.ObjectsOf(Field("faults", JsonValueKind.Array), "faults").ToList();
            foreach (var fault in added)
                Fault.Read(fault, "check");
            SandboxClock.Check(time);
            Clear(connection =>
            {
                foreach (var table in _tables)
                    ReadTable(connection, table, Field(table, JsonValueKind.Array));
            });
            seed.Restore(newSeed);
            database.SetSetting("seed", newSeed.ToString(System.Globalization.CultureInfo.InvariantCulture));
            clock.Restore(time);
            Forget();
            faults.ReplaceAll(added, keepCounts: true);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or JsonException or SqliteException)
        {
            throw ApiException.Invalid($"This is not a state that a sandbox has exported: {exception.Message} {WhatIsValid}");
        }

        JsonElement Field(string name, JsonValueKind kind) => state.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new FormatException($"'{name}' must be {(kind == JsonValueKind.Array ? "an array" : kind == JsonValueKind.Number ? "a number" : "a text")}.");
    }

    /// <summary>What is kept in memory of the state before.</summary>
    private void Forget()
    {
        late.Clear();
        faults.Clear();
        journal.Clear();
        signedUrl.Reset();
        keys.Load();
        numbers.Reset();
        sessions.Refresh();
    }

    /// <summary>Empties all tables, and fills them again, in one transaction.</summary>
    private void Clear(Action<SqliteConnection> fill) => database.Rebuild(connection =>
    {
        // Without a condition, and with foreign keys off, SQLite drops the pages instead of the rows.
        foreach (var table in _tables.Reverse())
            connection.Execute($"DELETE FROM {table}");
        fill(connection);
    });

    private static void WriteTable(Utf8JsonWriter writer, SqliteConnection connection, string table)
    {
        writer.WriteStartArray(table);
        using var reader = connection.ExecuteReader($"SELECT * FROM {table} ORDER BY 1");
        while (reader.Read())
        {
            writer.WriteStartObject();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                writer.WritePropertyName(reader.GetName(i));
                switch (reader.GetValue(i))
                {
                    case long number:
                        writer.WriteNumberValue(number);
                        break;
                    case double number:
                        writer.WriteNumberValue(number);
                        break;
                    case string text:
                        writer.WriteStringValue(text);
                        break;
                    default:
                        writer.WriteNullValue();
                        break;
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void ReadTable(SqliteConnection connection, string table, JsonElement rows)
    {
        // Only names of columns that the table has: they come from outside, and stand in a statement.
        var columns = connection.Query<string>("SELECT name FROM pragma_table_info(@table)", new { table }).ToList();
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(column => $"@{column}"))})";
        foreach (var column in columns)
            command.Parameters.AddWithValue($"@{column}", DBNull.Value);
        foreach (var row in rows.EnumerateArray())
        {
            foreach (var column in columns)
            {
                if (row.ValueKind != JsonValueKind.Object || !row.TryGetProperty(column, out var value))
                    throw new FormatException($"A row of '{table}' has no '{column}'.");
                StateCheck.Value(table, column, value);
                command.Parameters[$"@{column}"].Value = value.ValueKind switch
                {
                    JsonValueKind.Null => DBNull.Value,
                    JsonValueKind.String => value.GetString()!,
                    JsonValueKind.Number => value.TryGetInt64(out var number) ? number : value.GetDouble(),
                    _ => throw new FormatException($"'{column}' in '{table}' must be a text, a number or null."),
                };
            }

            command.ExecuteNonQuery();
        }
    }
}
