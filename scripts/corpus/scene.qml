import QtQuick 2.15
import QtQuick.Window 2.15

Window {
    id: window
    visible: true; width: 960; height: 600; title: "scene"; color: "#202830"
    property int turn: 0
    Timer { interval: 400; running: true; repeat: true; onTriggered: { window.turn += 1; if (window.turn == 80) Qt.quit() } }
    Repeater {
        model: 20 + (window.turn % 8) * 12
        Rectangle {
            x: (index * 97) % 900; y: (index * 53 + window.turn * 7) % 560
            width: 40 + index % 5 * 16; height: width; radius: index % 4 * 6
            gradient: Gradient { GradientStop { position: 0; color: Qt.hsla(index / 120, 0.6, 0.5, 0.9) } GradientStop { position: 1; color: "#102030" } }
            Text { anchors.centerIn: parent; color: "white"; font.pixelSize: 12 + index % 24; text: "item " + index + " " + window.turn }
            RotationAnimation on rotation { from: 0; to: 360; duration: 4000; loops: Animation.Infinite }
            layer.enabled: index % 10 == 0
        }
    }
    Canvas {
        anchors.right: parent.right; width: 200; height: 200
        property int seen: window.turn
        onSeenChanged: requestPaint()
        onPaint: { var c = getContext("2d"); c.clearRect(0, 0, 200, 200); c.fillStyle = "orange"; c.fillRect(seen % 100, seen % 100, 80, 80) }
    }
}
